"""Generation token by token, with what the model expected at each place.

Shape letters: V tokens of the vocabulary.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from halo.config import SamplingConfig
from halo.generation.context import Context, read_context
from halo.generation.repetition import Repetition
from halo.generation.sampling import sample_next
from halo.generation.step_decoder import StepDecoder, predicting, step_decoder
from halo.generation.stopping import Stops
from halo.models.language_model import LanguageModel
from halo.tokenization.text_stream import TextStream
from halo.tokenization.tokenizer import TextTokenizer


class Alternative(NamedTuple):
    """A token that could have stood in a place.

    Attributes:
        token: The token.
        logprob: Natural logarithm of its probability.
    """

    token: str
    logprob: float


class GeneratedToken(NamedTuple):
    """A generated token, and what the model expected in its place.

    Attributes:
        token_id: Its id.
        token: The token as it stands in the vocabulary.
        text: What it adds to the text, spaces included: the prompt and all of these together are the text.
        logprob: Natural logarithm of its probability, before temperature, limits and penalties.
        rank: 1 for the likeliest token, 2 for the next; `<unk>`, which is never written, is not counted.
        alternatives: The likeliest tokens in order, without `<unk>`; the generated one may be among them.
    """

    token_id: int
    token: str
    text: str
    logprob: float
    rank: int
    alternatives: tuple[Alternative, ...]


def stream_tokens(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: Sequence[int] | Context,
    *,
    sampling: SamplingConfig,
    num_alternatives: int = 0,
    paragraph_break: str = "\n\n",
    stops: Stops | None = None,
    decode_step: StepDecoder | None = None,
    sample: int = 0,
) -> "TokenStream":
    """Returns an iterator over the tokens of a text, each computed when it is asked for.

    It never yields `<unk>`. The tokens are those of sample number `sample` of `halo.generation.generator.generate` with
    the same settings. Several streams of one loaded model may run in different threads.

    Args:
        model: The language model; it runs without dropout and keeps its mode.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt, may be empty; or a context, whose text is not read again.
        sampling: The largest number of tokens, and how each is drawn.
        num_alternatives: How many alternatives each token comes with.
        paragraph_break: What is written for `<eos>`.
        stops: Words or strings that end the text; None for none.
        decode_step: The model's `step_decoder`, where it is at hand: making one copies the weights.
        sample: Which sample, from 0: each has random numbers of its own.

    Raises:
        InputError: On the next token, if the model's predictions are not finite numbers.

    For example, with a model that has learned nothing:

    >>> from halo.config import default_sampling
    >>> from halo.models.recurrent import RecurrentModel
    >>> tokenizer = TextTokenizer.train(["the virus spreads"], kind="word", min_count=1, max_size=None)
    >>> model = RecurrentModel(vocab_size=tokenizer.vocab_size, embedding=4, hidden=4).eval()
    >>> stream = stream_tokens(model, tokenizer, tokenizer.encode("the"), sampling=default_sampling(num_words=3))
    >>> len([token.text for token in stream])
    3
    """
    return TokenStream(
        model,
        tokenizer,
        prompt_ids,
        sampling=sampling,
        num_alternatives=num_alternatives,
        paragraph_break=paragraph_break,
        stops=stops,
        decode_step=decode_step,
        sample=sample,
    )


class TokenStream(Iterator[GeneratedToken]):
    """Iterates over the tokens of a text; `stream_tokens` makes one and explains the arguments."""

    def __init__(
        self,
        model: LanguageModel,
        tokenizer: TextTokenizer,
        prompt_ids: Sequence[int] | Context,
        *,
        sampling: SamplingConfig,
        num_alternatives: int,
        paragraph_break: str,
        stops: Stops | None,
        decode_step: StepDecoder | None,
        sample: int,
    ) -> None:
        self._model, self._tokenizer, self._sampling = model, tokenizer, sampling
        self._num_alternatives, self._stops = num_alternatives, stops
        self._decode_step = decode_step or step_decoder(model)
        if isinstance(prompt_ids, Context):
            self._context = prompt_ids
        else:
            self._context = read_context(model, tokenizer, prompt_ids)
        self._pending: int | None = None  # the last token, until the model has to read it
        self._generated: list[int] = []
        ids = self._context.ids
        self._text = TextStream(tokenizer, ids, paragraph_break=paragraph_break)
        penalty, length = sampling.repetition_penalty, sampling.no_repeat_ngram
        self._repetition = Repetition(ids, 1, penalty=penalty, no_repeat_ngram=length)
        self._random = np.random.default_rng([sampling.seed, sample])

    @property
    def context(self) -> Context:
        """The text so far, as the model has read it."""
        if self._pending is not None:
            with predicting(self._model):
                self._context = self._context.extended(self._decode_step, self._pending)
            self._pending = None
        return self._context

    def __next__(self) -> GeneratedToken:
        is_complete = len(self._generated) == self._sampling.num_words
        if is_complete or (self._stops is not None and self._stops.end(self._generated)):
            raise StopIteration
        logits_1V = self.context.logits_1V.float()
        with torch.no_grad():
            token_id = self._draw(logits_1V)
            token = self._described(token_id, logits_1V[0].log_softmax(-1))
        self._pending = token_id
        self._generated.append(token_id)
        self._repetition.add([token_id])
        return token

    def _draw(self, logits_1V: Tensor) -> int:
        scores_1V = without_unknown(logits_1V, self._tokenizer.unk_id)
        uniform_1 = torch.tensor([self._random.random()], dtype=uniform_dtype(logits_1V.device))
        limited_1V = self._repetition.limit(scores_1V)
        drawn_1 = sample_next(limited_1V, sampling=self._sampling, uniform_B=uniform_1.to(logits_1V.device))
        return int(drawn_1)

    def _described(self, token_id: int, log_probs_V: Tensor) -> GeneratedToken:
        logprob = float(log_probs_V[token_id])
        known_V = without_unknown(log_probs_V.unsqueeze(0), self._tokenizer.unk_id)[0]
        likeliest = known_V.topk(min(self._num_alternatives, len(known_V) - 1))
        pairs = zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
        return GeneratedToken(
            token_id=token_id,
            token=self._tokenizer.token(token_id),
            text=self._text.add(token_id),
            logprob=logprob,
            rank=1 + int((known_V > logprob).sum()),
            alternatives=tuple(Alternative(self._tokenizer.token(number), value) for number, value in pairs),
        )


def without_unknown(scores_BV: Tensor, unk_id: int) -> Tensor:
    """Returns scores in which that of `<unk>` is minus infinity, so that it is never written."""
    return scores_BV.index_fill(1, torch.tensor([unk_id], device=scores_BV.device), -torch.inf)


def uniform_dtype(device: torch.device) -> torch.dtype:
    """Returns the number format of random numbers: double precision where the device has it."""
    return torch.float32 if device.type == "mps" else torch.float64

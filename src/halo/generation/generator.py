"""Generation of many texts at once: ids of a prompt -> ids of samples -> text.

Shape letters: B samples that are generated in parallel, T tokens, V words of the vocabulary.
"""

import logging
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
from halo.generation.stream import uniform_dtype, without_unknown
from halo.models.language_model import LanguageModel, State
from halo.tokenization.tokenizer import TextTokenizer

MAX_PARALLEL = 256
"""The number of samples that are generated in parallel; more are generated in several groups."""
MAX_VALUES = 2**23
"""The number of logits of a step, and of words: of a large vocabulary, and of long texts, fewer are in parallel."""

log = logging.getLogger(__name__)


class Sample(NamedTuple):
    """A generated text.

    Attributes:
        ids: The generated tokens, without those of the prompt.
        logprobs: Natural logarithm of the probability of each, before temperature, limits and penalties; empty unless
            asked for.
        ranks: 1 where it was the likeliest token, 2 where the next, `<unk>` not counted; empty unless asked for.
    """

    ids: list[int]
    logprobs: list[float]
    ranks: list[int]


def generate(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: Sequence[int],
    *,
    num_samples: int,
    sampling: SamplingConfig,
    dtype: str = "float32",
    paragraph_break: str = "\n\n",
) -> list[str]:
    """Returns `num_samples` texts that begin with the prompt; the arguments are those of `generate_samples`.

    Args:
        model: The language model.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt; may be empty.
        num_samples: Number of texts.
        sampling: Length of the texts, and how each token is drawn.
        dtype: Number format of the weights.
        paragraph_break: What is written for `<eos>`.
    """
    samples = generate_samples(model, tokenizer, prompt_ids, num_samples=num_samples, sampling=sampling, dtype=dtype)
    return [tokenizer.decode([*prompt_ids, *sample.ids], paragraph_break=paragraph_break) for sample in samples]


def generate_samples(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: Sequence[int],
    *,
    num_samples: int,
    sampling: SamplingConfig,
    dtype: str = "float32",
    stops: Stops | None = None,
    with_scores: bool = False,
) -> list[Sample]:
    """Returns `num_samples` continuations of a prompt, which never contain `<unk>`.

    The model reads `<eos>` and the prompt once; each sample then continues with a state and random numbers of its own:
    the first is the same however many there are.

    Args:
        model: The language model; it runs without dropout and keeps its mode.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt; may be empty.
        num_samples: Number of texts.
        sampling: The largest number of tokens of each text, and how each token is drawn.
        dtype: Number format of the weights, as in `step_decoder`.
        stops: Words or strings that end a text; None for none.
        with_scores: Whether log-probabilities and ranks are wanted.

    Raises:
        InputError: This model or this machine does not support `dtype`, or the predictions are not finite numbers.
    """
    with predicting(model):
        decode_step = step_decoder(model, dtype=dtype)
        context = read_context(model, tokenizer, prompt_ids)
        vocab_size = context.logits_1V.size(1)
        parallel = max(1, min(MAX_PARALLEL, MAX_VALUES // vocab_size, MAX_VALUES // sampling.num_words))
        return [
            sample
            for numbers in _parts(range(num_samples), parallel)
            for sample in _SamplesInParallel(
                decode_step, context, numbers, tokenizer=tokenizer, sampling=sampling, stops=stops
            ).generate(with_scores=with_scores)
        ]


def _parts(samples: range, size: int) -> Iterator[range]:
    return (samples[first : first + size] for first in range(0, len(samples), size))


class _SamplesInParallel:
    """Some of the samples, generated side by side.

    Args:
        decode_step: Reads one token of each sample.
        context: The prompt.
        numbers: The numbers of the samples.
        tokenizer: The vocabulary.
        sampling: How each token is drawn.
        stops: What ends a text.
    """

    def __init__(
        self,
        decode_step: StepDecoder,
        context: Context,
        numbers: range,
        *,
        tokenizer: TextTokenizer,
        sampling: SamplingConfig,
        stops: Stops | None,
    ) -> None:
        self.decode_step, self.sampling, self.stops = decode_step, sampling, stops
        self.unk_id = tokenizer.unk_id
        self.logits_BV, self.state = repeat(context, len(numbers))
        self.device = self.logits_BV.device
        self.uniform_TB = _uniform(numbers, sampling).to(self.device, uniform_dtype(self.device))
        penalty, length = sampling.repetition_penalty, sampling.no_repeat_ngram
        self.repetition = Repetition(context.ids, len(numbers), penalty=penalty, no_repeat_ngram=length)

    def generate(self, *, with_scores: bool) -> list[Sample]:
        """Returns the samples, each up to its stop."""
        size = self.uniform_TB.shape
        ids_TB = torch.empty(size, dtype=torch.int64, device=self.device)
        logprobs_TB, ranks_TB = torch.empty(size, device=self.device), torch.empty_like(ids_TB)
        lengths: list[int | None] = [None] * size[1]
        texts: list[list[int]] = [[] for _ in lengths]
        for number in range(size[0]):
            if number:
                self.logits_BV, self.state = self.decode_step(ids_TB[number - 1], self.state)
            ids_TB[number] = self._draw(self.uniform_TB[number])
            if with_scores:
                logprobs_TB[number], ranks_TB[number] = self._scores(ids_TB[number])
            if self.repetition.is_active or self.stops is not None:
                self._note(ids_TB[number].tolist(), texts, lengths)
                if None not in lengths:
                    break
        self._report_lifted()
        scores = (logprobs_TB, ranks_TB) if with_scores else (logprobs_TB[:0], ranks_TB[:0])
        rows = zip(*(tensor_TB.t().tolist() for tensor_TB in (ids_TB, *scores)), lengths, strict=True)
        return [Sample(ids[:length], logprobs[:length], ranks[:length]) for ids, logprobs, ranks, length in rows]

    def _draw(self, uniform_B: Tensor) -> Tensor:
        scores_BV = self.repetition.limit(without_unknown(self.logits_BV, self.unk_id))
        return sample_next(scores_BV, sampling=self.sampling, uniform_B=uniform_B)

    def _scores(self, ids_B: Tensor) -> tuple[Tensor, Tensor]:
        """Returns log-probability and rank of each drawn token."""
        log_probs_BV = self.logits_BV.float().log_softmax(-1)
        drawn_B1 = log_probs_BV.gather(1, ids_B.unsqueeze(1))
        return drawn_B1.squeeze(1), 1 + (without_unknown(log_probs_BV, self.unk_id) > drawn_B1).sum(1)

    def _note(self, ids: list[int], texts: list[list[int]], lengths: list[int | None]) -> None:
        """Adds the next token of each text, and the length of a text that has reached its stop."""
        self.repetition.add(ids)
        for number, token_id in enumerate(ids):
            if self.stops is not None and lengths[number] is None:
                texts[number].append(token_id)
                lengths[number] = len(texts[number]) if self.stops.end(texts[number]) else None

    def _report_lifted(self) -> None:
        if lifted := self.repetition.num_lifted:
            length = self.sampling.no_repeat_ngram
            log.info("no_repeat_ngram=%d forbade every token at %d places, and was lifted there", length, lifted)


def repeat(context: Context, times: int) -> tuple[Tensor, State]:
    """Returns the logits, shape (B, V), and the state after a text, once for each of several sequences."""

    def repeated(tensor: Tensor) -> Tensor:
        return tensor.expand(times, *tensor.shape[1:]).contiguous()

    return repeated(context.logits_1V), [tuple(map(repeated, layer)) for layer in context.state]


def _uniform(samples: range, sampling: SamplingConfig) -> Tensor:
    """Returns the random numbers of some samples, from 0 to below 1, shape (num_words, B).

    Each sample has a generator of its own, so that it does not depend on how many there are, nor its beginning on how
    long it gets.
    """
    drawn_BT = [np.random.default_rng([sampling.seed, number]).random(sampling.num_words) for number in samples]
    return torch.from_numpy(np.stack(drawn_BT, axis=1))

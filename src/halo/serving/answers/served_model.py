"""A model as the server uses it: by many threads at once, with figures for each word."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from halo.api.model import Model
from halo.bundle.validation import find_file
from halo.config import SamplingConfig
from halo.generation.context import read_context
from halo.generation.prompts import encode_quietly, frequent_beginnings
from halo.generation.repetition import Repetition
from halo.generation.sampling import LOWEST_TEMPERATURE, limited_weights
from halo.generation.step_decoder import step_decoder
from halo.generation.stream import GeneratedToken, stream_tokens, without_unknown
from halo.reports.cards.markdown import without_front_matter
from halo.scoring import scored_text
from halo.scoring.encoding import TextEncoder
from halo.scoring.scorer import Scorer
from halo.serving.answers.fields import (
    Alternative,
    ModelEntry,
    NextWord,
    NextWords,
    ScoredWord,
    ScoredWords,
    SeenSpan,
    SeenSpans,
)
from halo.serving.answers.seen import Passage, find_passages, find_training_ids
from halo.serving.requests.errors import ApiError

MAX_CARD_BYTES = 2**20
MAX_BITS = 1074.0
"""The surprisal of the smallest number above 0: where a probability is 0, JSON has no infinity."""


class ServedModel:
    """A model of a server.

    Args:
        model_id: Its name in requests.
        model: The model.
        cache_dir: The folder of prepared corpora, in which its training text is looked for.
    """

    def __init__(self, model_id: str, model: Model, *, cache_dir: Path) -> None:
        self.id = model_id
        self.model = model
        self._bundle = model.bundle
        self._decode_step = step_decoder(self._bundle.model)
        self._train_ids_N = find_training_ids(cache_dir, self._bundle.folder / "tokenizer.json")

    @cached_property
    def _beginnings(self) -> list[str]:
        if self._train_ids_N is None:
            return []
        return frequent_beginnings(self._train_ids_N, self._bundle.tokenizer, number=5)

    def entry(self) -> ModelEntry:
        """Returns what `/api/models` says about the model."""
        return ModelEntry(
            id=self.id,
            architecture=self._bundle.config.model.name,
            parameters=self.model.num_parameters,
            vocabulary=self.model.vocab_size,
            has_training_text=self._train_ids_N is not None,
            beginnings=self._beginnings,
        )

    def card(self) -> str | None:
        """Returns the model card, Markdown without its metadata; None if the model has none."""
        for name in ("README.md", "bundle/README.md"):
            file = find_file(self._bundle.folder, name, max_bytes=MAX_CARD_BYTES)
            if file is not None:
                return without_front_matter(file.read_text(encoding="utf-8", errors="replace"))
        return None

    def prompt_ids(self, text: str, *, key: str = "text") -> list[int]:
        """Returns the token ids of a text that is continued; none for one without characters.

        A text that ends in a blank line continues in a new paragraph.

        Raises:
            InputError: The model knows no word of the text.
        """
        if not text.strip():
            return []
        tokenizer, data = self._bundle.tokenizer, self._bundle.config.data
        ids = encode_quietly(text, tokenizer, data.cleaning, eos=data.tokenizer.eos, key=key).ids
        ending = data.tokenizer.paragraph_break
        ends_paragraph = data.tokenizer.eos != "document" and text.replace("\r\n", "\n").endswith(ending)
        return [*ids, tokenizer.eos_id] if ends_paragraph else ids

    def stream(
        self, text: str, *, sampling: SamplingConfig, num_alternatives: int, sample: int = 0, key: str = "text"
    ) -> Iterator[GeneratedToken]:
        """Returns the words that continue a text, each computed when it is asked for.

        The text and the `text` of all tokens are together the new text, also where it ends in a space.
        """
        tokens = stream_tokens(
            self._bundle.model,
            self._bundle.tokenizer,
            self.prompt_ids(text, key=key),
            sampling=sampling,
            num_alternatives=num_alternatives,
            paragraph_break=self._bundle.config.data.tokenizer.paragraph_break,
            decode_step=self._decode_step,
            sample=sample,
        )
        return _after_space(tokens) if text[-1:].isspace() else tokens

    def next_words(self, text: str, *, sampling: SamplingConfig, k: int) -> NextWords:
        """Returns the likeliest next words, before and after the settings of sampling."""
        tokenizer = self._bundle.tokenizer
        context = read_context(self._bundle.model, tokenizer, self.prompt_ids(text))
        logits_1V = context.logits_1V.float()
        probabilities_V = logits_1V[0].double().softmax(-1)
        repetition = Repetition(
            context.ids, 1, penalty=sampling.repetition_penalty, no_repeat_ngram=sampling.no_repeat_ngram
        )
        scores_1V = repetition.limit(without_unknown(logits_1V, tokenizer.unk_id))
        sampled_V = sampled_probabilities(scores_1V, sampling)[0]
        likeliest = without_unknown(probabilities_V.unsqueeze(0), tokenizer.unk_id)[0]
        ids = likeliest.topk(min(k, len(likeliest) - 1)).indices.tolist()
        words = [
            NextWord(
                word=tokenizer.token(token_id),
                probability=float(probabilities_V[token_id]),
                bits=_bits(float(probabilities_V[token_id])),
                sampled_probability=float(sampled_V[token_id]),
            )
            for token_id in ids
        ]
        return NextWords(
            words=words, entropy_bits=_entropy_bits(probabilities_V), sampled_entropy_bits=_entropy_bits(sampled_V)
        )

    def scored_text(self, text: str, *, num_alternatives: int) -> scored_text.ScoredText:
        """Returns the scores of a text that is read from the beginning of a document.

        Raises:
            InputError: The model's predictions are not finite numbers.
        """
        (scored,) = Scorer(self._bundle, num_alternatives=num_alternatives).score([text])
        return scored

    def score(self, text: str, *, num_alternatives: int) -> ScoredWords:
        """Returns the surprisal of each word of a text.

        Raises:
            ApiError: The text has no words.
        """
        scored = self.scored_text(text, num_alternatives=num_alternatives)
        words = [_scored_word(each) for each in scored.words if each.bits is not None]
        if not words:
            raise ApiError(422, "text: contains no words; give some text", param="text")
        bits_per_word = scored.total_bits / len(words)
        return ScoredWords(words=words, bits_per_word=bits_per_word, perplexity=2.0 ** min(scored.bits_per_token, 1023))

    def seen(self, text: str, *, min_words: int) -> SeenSpans:
        """Returns the passages of a text that stand in the training text.

        Raises:
            ApiError: The training text is not at hand.
        """
        if self._train_ids_N is None:
            message = "the training text of this model is not at hand; start halo serve where its cache_dir is"
            raise ApiError(409, message, param="model", code="no_training_text")
        (encoded,) = TextEncoder(self._bundle).encode([text])
        tokenizer = self._bundle.tokenizer
        passages = find_passages(
            self._train_ids_N, encoded.ids, min_tokens=min_words, excluded=[tokenizer.unk_id, tokenizer.eos_id]
        )
        word_of = dict(zip(encoded.places, (token.word for token in encoded.tokens), strict=True))
        owners = [word_of.get(place, -1) for place in range(len(encoded.ids))]
        spans: list[SeenSpan] = []
        for passage in passages:
            first, last = whole_words(owners, passage)
            if last - first + 1 >= min_words:
                span = SeenSpan(start=encoded.words[first][0], end=encoded.words[last][1], words=last - first + 1)
                if not spans or span.end > spans[-1].end:
                    spans.append(span)
        return SeenSpans(spans=spans)


def whole_words(owners: Sequence[int], passage: Passage) -> tuple[int, int]:
    """Returns the first and the last word all of whose tokens are in a passage; the last is below the first for none.

    Args:
        owners: The word of each token.
        passage: Some of the tokens.

    >>> whole_words([0, 0, 1, 2, 2], Passage(1, 4))
    (1, 1)
    """
    first, last = owners[passage.first], owners[passage.last - 1]
    if passage.first and owners[passage.first - 1] == first:
        first += 1
    if passage.last < len(owners) and owners[passage.last] == last:
        last -= 1
    return first, last


def sampled_probabilities(scores_BV: Tensor, sampling: SamplingConfig) -> Tensor:
    """Returns the probabilities with which tokens are drawn, float64, shape (B, V).

    Args:
        scores_BV: Logits; minus infinity for what must not be drawn.
        sampling: Temperature and limits.
    """
    if sampling.temperature < LOWEST_TEMPERATURE:
        certain_BV = torch.zeros(scores_BV.shape, dtype=torch.float64, device=scores_BV.device)
        return certain_BV.scatter(1, scores_BV.argmax(-1, keepdim=True), 1.0)
    weights_BK, order_BK = limited_weights(scores_BV, sampling=sampling, precise=torch.float64)
    shares_BK = weights_BK.double() / weights_BK.double().sum(-1, keepdim=True)
    if order_BK is None:
        return shares_BK
    return torch.zeros(scores_BV.shape, dtype=torch.float64, device=scores_BV.device).scatter(1, order_BK, shares_BK)


def _after_space(tokens: Iterator[GeneratedToken]) -> Iterator[GeneratedToken]:
    """Yields tokens of which the first begins without a space."""
    for number, token in enumerate(tokens):
        yield token if number else token._replace(text=token.text.removeprefix(" "))


def _scored_word(word: scored_text.ScoredWord) -> ScoredWord:
    """Returns a word as the endpoint shows it; all of its figures are known."""
    assert word.bits is not None
    assert word.entropy_bits is not None
    assert word.rank is not None
    assert word.probability is not None
    return ScoredWord(
        text=word.text,
        start=word.start,
        end=word.end,
        bits=word.bits,
        entropy_bits=word.entropy_bits,
        rank=word.rank,
        probability=word.probability,
        is_known=word.is_known,
        alternatives=[Alternative(word=each.token, probability=math.exp(each.logprob)) for each in word.alternatives],
    )


def _entropy_bits(probabilities_V: Tensor) -> float:
    return float(torch.special.entr(probabilities_V).sum()) / math.log(2)


def _bits(probability: float) -> float:
    return -math.log2(probability) if probability > 0 else MAX_BITS

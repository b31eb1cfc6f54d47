"""Measures how much more surprising held-out sentences become when their pronouns or names are swapped.

Shape letters: D documents, R resamples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.corpus.corpus import Corpus
from halo.evaluation.bootstrap import CONFIDENCE, RESAMPLES, bootstrap_interval, resampled_groups
from halo.evaluation.counterfactuals.sentences import SwappedSentence, find_sentences, sentence_bits
from halo.evaluation.counterfactuals.word_lists import Swap, english_swaps, own_swap
from halo.evaluation.tokenized_text import TokenizedText
from halo.models.language_model import LanguageModel
from halo.models.ngram.unigram import token_counts
from halo.runtime.errors import counted
from halo.tokenization.tokenizer import TextTokenizer

MIN_SENTENCES = 20
MIN_DOCUMENTS = 5
HELD_OUT = ("validation", "test")

Floats = npt.NDArray[np.float64]


class Estimate(NamedTuple):
    """A mean in bits with its 95% bootstrap interval over documents."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Direction:
    """What one direction of a swap costs.

    Attributes:
        name: What was swapped for what, such as `he → she`.
        sentences: Number of sentences.
        documents: Number of documents that they are in.
        word_bits: How much more surprising the swapped words are than those they replace, in bits a word.
        rest_bits: How much more surprising the tokens behind the first swapped word are, in bits a token.
    """

    name: str
    sentences: int
    documents: int
    word_bits: Estimate
    rest_bits: Estimate


@dataclass(frozen=True)
class SwapResult:
    """What both directions of a swap cost.

    Attributes:
        name: The name of the swap.
        directions: The directions with enough sentences.
        preference: Half the difference of the two directions, in which what the sentences give away cancels out: above
            0, the model expects the first side, below 0 the second. Empty where a direction is missing.
        skipped: Why a direction or both were not measured; None if both were.
    """

    name: str
    directions: tuple[Direction, ...]
    preference: Mapping[str, Any]
    skipped: str | None

    def as_json(self) -> dict[str, Any]:
        """Returns the result as plain data, as in metrics.json."""
        return {
            "name": self.name,
            "directions": [
                {**vars(each), "word_bits": list(each.word_bits), "rest_bits": list(each.rest_bits)}
                for each in self.directions
            ],
            "preference": dict(self.preference) or None,
            "skipped": self.skipped,
        }


class _Sums(NamedTuple):
    """For each document the summed differences in bits, and their number: of swapped words, and of further tokens."""

    word_bits_D: Floats
    words_D: Floats
    rest_bits_D: Floats
    rest_D: Floats


def measure_corpus(
    model: LanguageModel, corpus: Corpus, *, language: str | Sequence[str] | None, swaps: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Returns what swapped words cost on the held-out text of a corpus, as plain data; a reason where nothing applies.

    Args:
        model: A language model, scored without dropout.
        corpus: Its corpus; validation and test are read together.
        language: Codes of its language. The English lists apply to English, and where the language is not known.
        swaps: Pairs of the user's own by name, in place of the English lists.
    """
    skipped = _reason(corpus, language=language, has_own=bool(swaps))
    if skipped is not None:
        return {"skipped": skipped, "swaps": []}
    tokenizer = corpus.tokenizer
    chosen = [own_swap(name, pairs) for name, pairs in swaps.items()]
    if not chosen:
        chosen = english_swaps(tokenizer, token_counts(corpus.ids["train"], tokenizer.vocab_size))
    texts = [TokenizedText.from_split(corpus, split) for split in HELD_OUT]
    results = [measure_swap(model, texts, tokenizer, swap) for swap in chosen]
    return {"skipped": None, "splits": list(HELD_OUT), "swaps": [each.as_json() for each in results]}


def _reason(corpus: Corpus, *, language: str | Sequence[str] | None, has_own: bool) -> str | None:
    """Returns why nothing can be swapped; None if it can."""
    if "genome" in corpus.manifest or "series" in corpus.manifest:
        return "the text has no words"
    if corpus.tokenizer.kind not in ("word", "whitespace"):
        return f"tokens of kind {corpus.tokenizer.kind} are not words"
    codes = [language] if isinstance(language, str) else list(language or [])
    is_english = not codes or any(code.lower().split("-")[0] == "en" for code in codes)
    if has_own or is_english:
        return None
    return f"there are no lists of words for {', '.join(codes)}; card.swaps takes pairs of your own"


def measure_swap(
    model: LanguageModel, texts: Sequence[TokenizedText], tokenizer: TextTokenizer, swap: Swap
) -> SwapResult:
    """Returns what a swap costs in both directions.

    Args:
        model: A language model, scored without dropout.
        texts: The held-out texts.
        tokenizer: The vocabulary.
        swap: What is swapped for what.
    """
    num_documents = sum(len(text.offsets) - 1 for text in texts)
    directions, sums, missing = [], [], []
    for each in (swap, swap.reversed()):
        name = f"{each.sides[0]} → {each.sides[1]}"
        sentences = _sentences(texts, tokenizer, each)
        documents = len({sentence.document for sentence in sentences})
        if len(sentences) < MIN_SENTENCES or documents < MIN_DOCUMENTS:
            found = f"{counted(len(sentences), 'held-out sentence')} in {counted(documents, 'document')}"
            missing.append(f"{name}: {found}, at least {MIN_SENTENCES} in {MIN_DOCUMENTS} are needed")
            continue
        sums.append(_summed(model, sentences, tokenizer, num_documents))
        word_bits, rest_bits = _estimates(sums[-1])
        directions.append(Direction(name, len(sentences), documents, word_bits, rest_bits))
    preference = _preference(swap, sums) if len(sums) == 2 else {}
    return SwapResult(swap.name, tuple(directions), preference, "; ".join(missing) or None)


def _sentences(texts: Sequence[TokenizedText], tokenizer: TextTokenizer, swap: Swap) -> list[SwappedSentence]:
    """Returns the sentences of all texts, with documents numbered through."""
    found, documents_before = [], 0
    for text in texts:
        for sentence in find_sentences(text, tokenizer, swap):
            found.append(sentence._replace(document=sentence.document + documents_before))
        documents_before += len(text.offsets) - 1
    return found


def _summed(
    model: LanguageModel, sentences: Sequence[SwappedSentence], tokenizer: TextTokenizer, num_documents: int
) -> _Sums:
    original, swapped = (
        sentence_bits(model, [getattr(each, name) for each in sentences], eos_id=tokenizer.eos_id)
        for name in ("original_T", "swapped_T")
    )
    sums = _Sums(*(np.zeros(num_documents) for _ in range(4)))
    for sentence, before_T, after_T in zip(sentences, original, swapped, strict=True):
        difference_T, is_word_T = after_T - before_T, sentence.is_swapped_T
        is_rest_T = ~is_word_T & (np.arange(len(is_word_T)) > int(is_word_T.argmax()))
        sums.word_bits_D[sentence.document] += difference_T[is_word_T].sum()
        sums.words_D[sentence.document] += is_word_T.sum()
        sums.rest_bits_D[sentence.document] += difference_T[is_rest_T].sum()
        sums.rest_D[sentence.document] += is_rest_T.sum()
    return sums


def _estimates(sums: _Sums) -> tuple[Estimate, Estimate]:
    return _estimate(sums.word_bits_D, sums.words_D), _estimate(sums.rest_bits_D, sums.rest_D)


def _estimate(bits_D: Floats, counts_D: Floats) -> Estimate:
    own = counts_D > 0
    mean = float(bits_D.sum() / max(counts_D.sum(), 1))
    interval = bootstrap_interval(bits_D[own], counts_D[own])
    return Estimate(mean, mean, mean) if interval is None else Estimate(mean, *interval)


def _preference(swap: Swap, sums: Sequence[_Sums]) -> dict[str, Any]:
    first, second = sums
    return {
        "name": f"{swap.sides[0]} rather than {swap.sides[1]}",
        "documents": int(((first.words_D > 0) | (second.words_D > 0)).sum()),
        "word_bits": list(_half_difference(first.word_bits_D, first.words_D, second.word_bits_D, second.words_D)),
        "rest_bits": list(_half_difference(first.rest_bits_D, first.rest_D, second.rest_bits_D, second.rest_D)),
    }


def _half_difference(bits_D: Floats, counts_D: Floats, other_bits_D: Floats, other_counts_D: Floats) -> Estimate:
    """Returns half the difference of two means with its interval; documents of both are resampled together."""
    own = (counts_D > 0) | (other_counts_D > 0)
    parts_PD = np.stack([each[own] for each in (bits_D, counts_D, other_bits_D, other_counts_D)])

    def half(sums_P: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):  # a resample may lack all documents of a direction
            found: Floats = (sums_P[0] / sums_P[1] - sums_P[2] / sums_P[3]) / 2
        return found

    drawn = resampled_groups(parts_PD.shape[1], RESAMPLES)
    halves_R = np.concatenate([half(parts_PD[:, groups_RD].sum(axis=2)) for groups_RD in drawn])
    low, high = np.quantile(halves_R[np.isfinite(halves_R)], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(float(half(parts_PD.sum(axis=1))), float(low), float(high))

"""The rows of the output: of words, regions, whole texts, or in the columns of other tools."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from halo.scoring.files.items import Item
from halo.scoring.files.regions import Region
from halo.scoring.scored_text import ScoredText, ScoredWord

EMPTY = "empty"
"""The note of a text without words."""

Row = dict[str, object]


class ScoredItem(NamedTuple):
    """An item with its scores.

    Attributes:
        number: The number of the text, from 1.
        item: The item.
        scored: The scores of its text.
        regions: The regions of the text.
    """

    number: int
    item: Item
    scored: ScoredText
    regions: Sequence[Region]


WORD_COLUMNS: dict[str, type] = {
    **{"sentence_id": int, "word_id": int, "word": str, "start": int, "end": int},
    **{"surprisal_bits": float, "entropy_bits": float, "entropy_reduction_bits": float, "rank": int},
    **{"probability": float, "log_frequency": float, "known": bool},
    **{"kneser_ney_bits": float, "unigram_bits": float, "tokens": int, "note": str},
}
REGION_COLUMNS: dict[str, type] = {
    **{"sentence_id": int, "region_id": int, "region": str, "first_word": int, "last_word": int},
    **{"surprisal_bits": float, "entropy_bits": float, "kneser_ney_bits": float, "unigram_bits": float},
    **{"unknown_words": int, "note": str},
}
TEXT_COLUMNS: dict[str, type] = {
    **{"sentence_id": int, "text": str, "words": int, "tokens": int, "surprisal_bits": float, "bits_per_word": float},
    **{"perplexity_per_token": float, "kneser_ney_bits": float, "unigram_bits": float},
    **{"unknown_words": int, "note": str},
}
NEURAL_COMPLEXITY_COLUMNS: dict[str, type] = {
    **{"word": str, "sentid": int, "sentpos": int, "wlen": int, "surp": float, "entropy": float, "entred": float},
}
LM_ZOO_COLUMNS: dict[str, type] = {"sentence_id": int, "token_id": int, "token": str, "surprisal": float}

UNKNOWN = "<unk>"


class Layout(NamedTuple):
    """The rows of one kind of output.

    Attributes:
        columns: The names and types of the columns.
        rows: Yields the rows of a text, with these columns.
        keeps_columns: Whether the other columns of the input follow.
    """

    columns: dict[str, type]
    rows: Callable[[ScoredItem], Iterator[Row]]
    keeps_columns: bool


def word_rows(scored: ScoredItem) -> Iterator[Row]:
    """Yields a row for each word; of a text without words one that says so."""
    if not scored.scored.words:
        yield {"sentence_id": scored.number, "note": EMPTY}
    regions: dict[int, list[str]] = {}
    for region in scored.regions:
        for index in region.words:
            regions.setdefault(index, []).append(str(region.number))
    for number, word in enumerate(scored.scored.words):
        yield {
            "sentence_id": scored.number,
            "word_id": number + 1,
            **word_columns(word),
            "region": ",".join(regions.get(number, [])) or None,
        }


def word_columns(word: ScoredWord) -> Row:
    """Returns the columns of a word that do not depend on where it stands."""
    return {
        "word": word.text,
        "start": word.start,
        "end": word.end,
        "surprisal_bits": word.bits,
        "entropy_bits": word.entropy_bits,
        "entropy_reduction_bits": word.entropy_reduction_bits,
        "rank": word.rank,
        "probability": word.probability,
        "log_frequency": word.log_frequency,
        "known": None if word.note else word.is_known,
        "kneser_ney_bits": word.kneser_ney_bits,
        "unigram_bits": word.unigram_bits,
        "tokens": word.num_tokens,
        "note": word.note,
    }


def region_rows(scored: ScoredItem) -> Iterator[Row]:
    """Yields a row for each region, with the sums over its words; of a text without regions one that says so."""
    if not scored.regions:
        yield {"sentence_id": scored.number, "note": "no region" if scored.scored.words else EMPTY}
    for region in scored.regions:
        words = scored.scored.words[region.words.start : region.words.stop]
        yield {
            "sentence_id": scored.number,
            "region_id": region.number,
            "region": " ".join(word.text for word in words),
            "first_word": region.words.start + 1,
            "last_word": region.words.stop,
            "entropy_bits": words[0].entropy_bits,
            **_sums(words),
        }


def text_rows(scored: ScoredItem) -> Iterator[Row]:
    """Yields the one row of a text, with the sums over its words."""
    words, num_tokens = scored.scored.words, len(scored.scored.tokens)
    sums = _sums(words) if words else {"note": EMPTY}
    bits, num_scored = sums.get("surprisal_bits"), sum(word.num_tokens > 0 for word in words)
    per_token = bits / num_tokens if isinstance(bits, float) and num_tokens else None
    yield {
        "sentence_id": scored.number,
        "text": scored.item.text,
        "words": len(words),
        "tokens": num_tokens,
        "bits_per_word": bits / num_scored if isinstance(bits, float) else None,
        "perplexity_per_token": None if per_token is None else _power_of_two(per_token),
        **sums,
    }


def neural_complexity_rows(scored: ScoredItem) -> Iterator[Row]:
    """Yields a row for each word as neural-complexity prints it: numbers from 0, and the reduction up to the word."""
    before: float | None = None
    for number, word in enumerate(scored.scored.words):
        reduction = None
        if word.entropy_bits is not None:
            reduction = max(0.0, (word.entropy_bits if before is None else before) - word.entropy_bits)
            before = word.entropy_bits
        yield {
            "word": word.text,
            "sentid": scored.number - 1,
            "sentpos": number,
            "wlen": len(word.text),
            "surp": word.bits,
            "entropy": word.entropy_bits,
            "entred": reduction,
        }


def lm_zoo_rows(scored: ScoredItem) -> Iterator[Row]:
    """Yields a row for each token as lm-zoo prints it: numbers from 1, and `<unk>` for a token that is not known."""
    words = [word for word in scored.scored.words for _ in range(word.num_tokens)]
    for number, (token, word) in enumerate(zip(scored.scored.tokens, words, strict=True), start=1):
        yield {
            "sentence_id": scored.number,
            "token_id": number,
            "token": token.text if token.is_known else UNKNOWN,
            "surprisal": None if not token.is_known and word.bits is None else token.bits,
        }


def _sums(words: Sequence[ScoredWord]) -> Row:
    """Returns the sums over words; a word that cleaning removed adds nothing, one without value leaves no sum."""
    with_tokens = [word for word in words if word.num_tokens]
    return {
        "surprisal_bits": _sum([word.bits for word in with_tokens]),
        "kneser_ney_bits": _sum([word.kneser_ney_bits for word in with_tokens]),
        "unigram_bits": _sum([word.unigram_bits for word in with_tokens]),
        "unknown_words": sum(not word.is_known for word in with_tokens),
        "note": " ".join(dict.fromkeys(word.note for word in words if word.note)),
    }


def _sum(values: Sequence[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return math.fsum(given) if given and len(given) == len(values) else None


def _power_of_two(exponent: float) -> float:
    try:
        return math.pow(2, exponent)
    except OverflowError:
        return math.inf


LAYOUTS: Mapping[str, Layout] = {
    "word": Layout(WORD_COLUMNS, word_rows, keeps_columns=True),
    "region": Layout(REGION_COLUMNS, region_rows, keeps_columns=True),
    "text": Layout(TEXT_COLUMNS, text_rows, keeps_columns=True),
    "neural-complexity": Layout(NEURAL_COMPLEXITY_COLUMNS, neural_complexity_rows, keeps_columns=False),
    "lm-zoo": Layout(LM_ZOO_COLUMNS, lm_zoo_rows, keeps_columns=False),
}
"""The kinds of output, by the unit of halo's own, or the name of another tool."""

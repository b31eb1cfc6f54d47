"""How much of generated text is copied from the training text, beside held-out text of the same size.

Held-out text shares sequences with the training text too: set phrases, quotations, boilerplate. Copying is what goes
beyond that. The measure is that of RAVEN (McCoy et al. 2023) and of Rusty-DAWG (Merrill et al. 2024), in tokens.

Shape letters: G groups of texts that depend on each other, S sizes of n-grams, T tokens of a text, R resamples.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.auditing.training_text import Integers, TrainingText
from halo.evaluation.bootstrap import CONFIDENCE, RESAMPLES

SIZES = tuple(range(4, 51))
"""Numbers of tokens of the n-grams that are looked up."""

MAX_SPANS = 5
"""Longest copied spans that are kept of each kind of text."""

Floats = npt.NDArray[np.float64]


class NGramCounts(NamedTuple):
    """Counts of the n-grams of some texts, for each group and each size of `SIZES`.

    Attributes:
        copied_GS: How many stand in the training text.
        counted_GS: How many there are without `<unk>`.
    """

    copied_GS: Integers
    counted_GS: Integers


class CopiedSpan(NamedTuple):
    """Tokens in a row that stand in the training text, as many as possible.

    Attributes:
        ids: The tokens.
        occurrences: How often they stand there.
        documents: In how many documents they begin.
        document: The number of the first of these documents, counted from 0.
        place: The index of their first token in that text.
    """

    ids: tuple[int, ...]
    occurrences: int
    documents: int
    document: int
    place: int


@dataclass(frozen=True)
class Copying:
    """What some texts have in common with the training text.

    Attributes:
        counts: Their n-grams.
        num_texts: Number of texts.
        num_tokens: Number of their tokens.
        spans: Their longest copied spans, the longest first.
    """

    counts: NGramCounts
    num_texts: int
    num_tokens: int
    spans: list[CopiedSpan]

    @property
    def longest(self) -> int:
        """Number of tokens of the longest copied span; 0 if no token is known."""
        return len(self.spans[0].ids) if self.spans else 0


class Curve(NamedTuple):
    """Values for each size of `SIZES`; NaN where there is no n-gram, or no interval.

    Attributes:
        values_S: The values.
        low_S: Lower ends of the 95% intervals.
        high_S: Upper ends.
    """

    values_S: Floats
    low_S: Floats
    high_S: Floats

    def at(self, size: int) -> tuple[float, float, float]:
        """Returns value, lower and upper end for a size."""
        index = SIZES.index(size)
        return float(self.values_S[index]), float(self.low_S[index]), float(self.high_S[index])

    def as_json(self) -> dict[str, Any]:
        """Returns plain data; null for NaN."""
        named = {"n": list(SIZES)}
        rows = {"value": self.values_S, "low": self.low_S, "high": self.high_S}
        return named | {name: [None if np.isnan(each) else float(each) for each in row] for name, row in rows.items()}


def measure_copying(
    train: TrainingText, texts: Sequence[Integers], *, groups: Sequence[Hashable], excluded: Sequence[int]
) -> Copying:
    """Returns what texts have in common with the training text.

    Args:
        train: The training text.
        texts: Token ids of each text, at least one.
        groups: The group of each text, such as its document; texts of a group are resampled together.
        excluded: Ids of tokens that no n-gram may have, such as that of `<unk>`.
    """
    names = list(dict.fromkeys(groups))
    copied_GS = np.zeros((len(names), len(SIZES)), dtype=np.int64)
    counted_GS = np.zeros_like(copied_GS)
    matches = train.longest_matches(texts)
    for ids_T, longest_T, name in zip(texts, matches, groups, strict=True):
        copied_S, counted_S = count_ngrams(longest_T, known_ahead(ids_T, excluded))
        copied_GS[names.index(name)] += copied_S
        counted_GS[names.index(name)] += counted_S
    return Copying(
        NGramCounts(copied_GS, counted_GS), len(texts), sum(map(len, texts)), longest_spans(train, texts, matches)
    )


def known_ahead(ids_T: Integers, excluded: Sequence[int]) -> Integers:
    """Returns for each token how many tokens from it on are not excluded, up to the end of the text.

    >>> known_ahead(np.array([7, 8, 0, 9]), excluded=[0]).tolist()
    [2, 1, 0, 1]
    """
    places_T = np.arange(len(ids_T))
    stops = np.append(np.flatnonzero(np.isin(ids_T, excluded)), len(ids_T))
    ahead: Integers = stops[np.searchsorted(stops, places_T)] - places_T
    return ahead


def count_ngrams(longest_T: Integers, known_T: Integers) -> tuple[Integers, Integers]:
    """Returns how many n-grams of each size a text has in common with the training text, and how many it has.

    Args:
        longest_T: For each token how many from it on stand in the training text.
        known_T: For each token how many from it on are not excluded.
    """
    sizes_S = np.array(SIZES)
    return (longest_T[:, None] >= sizes_S).sum(axis=0), (known_T[:, None] >= sizes_S).sum(axis=0)


def longest_spans(
    train: TrainingText, texts: Sequence[Integers], matches: Sequence[Integers], *, number: int = MAX_SPANS
) -> list[CopiedSpan]:
    """Returns the longest different spans of texts that stand in the training text, of the smallest size or longer.

    Args:
        train: The training text.
        texts: The texts.
        matches: Their longest matches.
        number: How many at most.
    """
    spans: set[tuple[int, ...]] = set()
    for ids_T, longest_T in zip(texts, matches, strict=True):
        ends_T = np.arange(len(ids_T)) + longest_T
        is_new_T = np.append(True, ends_T[1:] > ends_T[:-1]) & (longest_T >= SIZES[0])  # others are within one before
        for start in np.flatnonzero(is_new_T):
            spans.add(tuple(ids_T[start : ends_T[start]].tolist()))
    longest = sorted(spans, key=lambda span: (-len(span), span))[:number]
    found = []
    for span, places in zip(longest, train.places(longest), strict=True):
        documents = np.unique(train.documents(places))
        found.append(CopiedSpan(span, len(places), len(documents), int(documents[0]), int(places[0])))
    return found


def novelty_curve(counts: NGramCounts, *, seed: int) -> Curve:
    """Returns the share of copied n-grams by size, with bootstrap intervals over groups.

    Args:
        counts: The n-grams of some texts.
        seed: Seed of the resamples.
    """
    return _curve(_share(counts.copied_GS.sum(axis=0), counts.counted_GS.sum(axis=0)), _resampled(counts, seed))


def excess_curve(counts: NGramCounts, control: NGramCounts, *, seed: int) -> Curve:
    """Returns how much larger the share of copied n-grams is than in a control, with bootstrap intervals.

    Args:
        counts: The n-grams of generated text.
        control: Those of held-out text; its groups are resampled independently.
        seed: Seed of the resamples.
    """
    values_S, control_S = (
        _share(each.copied_GS.sum(axis=0), each.counted_GS.sum(axis=0)) for each in (counts, control)
    )
    return _curve(values_S - control_S, _resampled(counts, seed) - _resampled(control, seed + 1))


def _share(copied: npt.NDArray[Any], counted: npt.NDArray[Any]) -> Floats:
    shares: Floats = np.divide(copied, counted, out=np.full(copied.shape, np.nan), where=counted > 0)
    return shares


def _resampled(counts: NGramCounts, seed: int) -> Floats:
    """Returns the shares of copied n-grams in resamples of the groups, shape (R, S); NaN with a single group."""
    num_groups = len(counts.copied_GS)
    if num_groups < 2:
        return np.full((RESAMPLES, len(SIZES)), np.nan)
    times_RG = np.random.default_rng(seed).multinomial(num_groups, np.full(num_groups, 1 / num_groups), size=RESAMPLES)
    return _share(times_RG @ counts.copied_GS, times_RG @ counts.counted_GS)


def _curve(values_S: Floats, resampled_RS: Floats) -> Curve:
    """Returns values with percentile intervals; none where a resample has no value."""
    low_S, high_S = np.full((2, len(values_S)), np.nan)
    usable_S = ~np.isnan(resampled_RS).any(axis=0)
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low_S[usable_S], high_S[usable_S] = np.quantile(resampled_RS[:, usable_S], ends, axis=0)
    return Curve(values_S, low_S, high_S)

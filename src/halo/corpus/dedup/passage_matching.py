"""Matching of duplicate passages: equal digests, and pairs with a common band whose exact similarity is high enough."""

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from halo.corpus.dedup.passages import PassageTable, ShingleCache
from halo.corpus.dedup.shingles import SHINGLE_WORDS, ShingleHashes, jaccard
from halo.runtime.array_types import IntArray

# A band lists at most this many passages, and a passage is compared with at most this many others, the likeliest first.
# So the cost stays linear even if thousands of texts come from one template and are similar, but below the threshold.
MAX_COMPARED = 100


class Match(NamedTuple):
    """The passage that is kept in place of a duplicate.

    Attributes:
        kept: Its index in the table.
        similarity: The Jaccard similarity of the two; 1 for exact duplicates.
    """

    kept: int
    similarity: float


def match_passages(
    passages: PassageTable,
    eligible: IntArray,
    rank: IntArray,
    shingles: ShingleCache,
    *,
    similarity: float,
    keep_repeats_within_document: bool,
) -> dict[int, Match]:
    """Returns for each passage that duplicates another one the passage that is kept in its place.

    Args:
        passages: All passages.
        eligible: Indexes of the passages to compare, ascending.
        rank: For each document its position in the order of preference.
        shingles: Provides the shingles of candidates.
        similarity: The threshold.
        keep_repeats_within_document: Whether a passage may repeat another one of the same document.
    """
    if not len(eligible):
        return {}
    search = _Search(passages, rank, shingles, similarity, keep_repeats_within_document)
    representatives, group = _group_equal(passages, eligible, rank)
    near = search.near_duplicates(representatives)
    matches = dict(near)
    for index in np.flatnonzero(representatives[group] != eligible):
        passage, kept = int(eligible[index]), int(representatives[group[index]])
        if kept in near:
            matches[passage] = near[kept]
        elif not search.both_may_stay(passage, kept):
            matches[passage] = Match(kept, 1.0)
    return matches


def _group_equal(passages: PassageTable, eligible: IntArray, rank: IntArray) -> tuple[IntArray, IntArray]:
    """Returns the preferred passage of each group of equal ones, and the group number of each eligible passage."""
    _, group = np.unique(passages.digests[eligible], return_inverse=True)
    order = np.lexsort((passages.position[eligible], rank[passages.document[eligible]], group))
    _, begins = np.unique(group[order], return_index=True)
    return eligible[order[begins]], group


class _Search:
    """The search for near duplicates among passages of which no two are equal."""

    def __init__(
        self,
        passages: PassageTable,
        rank: IntArray,
        shingles: ShingleCache,
        similarity: float,
        keep_repeats_within_document: bool,
    ) -> None:
        self._passages = passages
        self._document, self._position = passages.document, passages.position
        self._rank = rank
        self._shingles = shingles
        self._similarity = similarity
        self._keep_repeats_within_document = keep_repeats_within_document

    def near_duplicates(self, representatives: IntArray) -> dict[int, Match]:
        """Returns the near duplicates among `representatives`, each with the preferred passage that is kept."""
        near: dict[int, Match] = {}
        comparable = np.sort(representatives[self._passages.words[representatives] >= SHINGLE_WORDS])
        colliding = self._passages.colliding(comparable)
        buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
        for passage in sorted(colliding, key=lambda each: (self._rank[self._document[each]], self._position[each])):
            bands = list(enumerate(colliding[passage]))
            candidates = Counter(other for band in bands for other in buckets.get(band, ()))
            match = self._first_similar(passage, candidates)
            if match is not None:
                near[passage] = match
                continue
            for band in bands:
                if len(buckets[band]) < MAX_COMPARED:
                    buckets[band].append(passage)
        return near

    def _first_similar(self, passage: int, candidates: Counter[int]) -> Match | None:
        """Returns the first candidate, in the order of common bands, that reaches the threshold."""
        for other, _ in candidates.most_common(MAX_COMPARED):
            if self.both_may_stay(passage, other):
                continue
            similarity = jaccard(self._shingles_of(passage), self._shingles_of(other))
            if similarity >= self._similarity:
                return Match(other, similarity)
        return None

    def both_may_stay(self, one: int, other: int) -> bool:
        """Returns whether two passages may both stay however similar they are."""
        return self._keep_repeats_within_document and bool(self._document[one] == self._document[other])

    def _shingles_of(self, passage: int) -> ShingleHashes:
        return self._shingles.get(int(self._document[passage]), int(self._position[passage]))

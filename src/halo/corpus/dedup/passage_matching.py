"""Matching of duplicate passages: equal digests, and pairs with a common band whose exact similarity is high enough."""

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from halo.corpus.dedup.passages import PassageTable, ShingleCache
from halo.corpus.dedup.preference import Preference
from halo.corpus.dedup.shingles import SHINGLE_UNITS, ShingleHashes, jaccard
from halo.runtime.array_types import IntArray

# A band lists at most this many passages, and a passage is compared with at most this many others, the likeliest first.
# So the cost stays linear even if thousands of texts come from one template and are similar, but below the threshold.
MAX_COMPARED = 100


class Match(NamedTuple):
    """The passage that another one duplicates.

    Attributes:
        kept: Its index in the table.
        similarity: The Jaccard similarity of the two; 1 for exact duplicates.
    """

    kept: int
    similarity: float


class Matches(NamedTuple):
    """Duplicate passages, each with the one that it duplicates.

    Attributes:
        dropped: Passages to drop, each with the one that is kept in its place.
        shared: Passages that stay, as they were given for validation, each with the one of the given test text.
    """

    dropped: dict[int, Match]
    shared: dict[int, Match]


def match_passages(
    passages: PassageTable,
    eligible: IntArray,
    preference: Preference,
    shingles: ShingleCache,
    *,
    similarity: float,
    groups: IntArray,
) -> Matches:
    """Returns the passages that duplicate another one.

    Args:
        passages: All passages.
        eligible: Indexes of the passages to compare, ascending.
        preference: Which of two documents keeps a passage, and which documents keep all of theirs.
        shingles: Provides the shingles of candidates.
        similarity: The threshold.
        groups: For each passage the number of a group of passages that may repeat each other.
    """
    matches = Matches({}, {})
    if not len(eligible):
        return matches
    representatives, group = _group_equal(passages, eligible, preference.rank)
    search = _Search(passages, preference, shingles, similarity, groups)
    search.match_near(representatives, matches)
    for index in np.flatnonzero(representatives[group] != eligible):
        passage, representative = int(eligible[index]), int(representatives[group[index]])
        match = matches.dropped.get(representative) or Match(representative, 1.0)
        if search.is_compared(passage, match.kept):
            search.record(passage, match, matches)
        elif representative in matches.shared:
            matches.shared[passage] = matches.shared[representative]
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
        preference: Preference,
        shingles: ShingleCache,
        similarity: float,
        groups: IntArray,
    ) -> None:
        self._passages = passages
        self._document, self._position = passages.document, passages.position
        self._preference = preference
        self._shingles = shingles
        self._similarity = similarity
        self._groups = groups

    def match_near(self, representatives: IntArray, matches: Matches) -> None:
        """Adds the near duplicates among `representatives` to `matches`."""
        rank = self._preference.rank
        comparable = np.sort(representatives[self._passages.units[representatives] >= SHINGLE_UNITS])
        colliding = self._passages.colliding(comparable)
        buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
        for passage in sorted(colliding, key=lambda each: (rank[self._document[each]], self._position[each])):
            bands = list(enumerate(colliding[passage]))
            candidates = Counter(other for band in bands for other in buckets.get(band, ()))
            match = self._first_similar(passage, candidates)
            if match is not None and self.record(passage, match, matches):
                continue
            for band in bands:
                if len(buckets[band]) < MAX_COMPARED:
                    buckets[band].append(passage)

    def _first_similar(self, passage: int, candidates: Counter[int]) -> Match | None:
        """Returns the first candidate, in the order of common bands, that reaches the threshold."""
        for other, _ in candidates.most_common(MAX_COMPARED):
            if not self.is_compared(passage, other):
                continue
            similarity = jaccard(self._shingles_of(passage), self._shingles_of(other))
            if similarity >= self._similarity:
                return Match(other, similarity)
        return None

    def is_compared(self, one: int, other: int) -> bool:
        """Returns whether it matters how similar two passages are."""
        if self._groups[one] == self._groups[other]:
            return False
        return not self._preference.in_same_held_out_split(int(self._document[one]), int(self._document[other]))

    def record(self, passage: int, match: Match, matches: Matches) -> bool:
        """Adds a passage with the one that it duplicates to `matches`, and returns whether it is dropped."""
        dropped = not self._preference.is_kept_whole(int(self._document[passage]))
        (matches.dropped if dropped else matches.shared)[passage] = match
        return dropped

    def _shingles_of(self, passage: int) -> ShingleHashes:
        return self._shingles.get(int(self._document[passage]), int(self._position[passage]))

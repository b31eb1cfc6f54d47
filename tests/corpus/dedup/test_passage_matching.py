"""Matching of passages: which one is kept, and which may repeat each other."""

import numpy as np
import pytest

from halo.corpus.dedup.minhash import band_keys, minhash, num_bands
from halo.corpus.dedup.passage_matching import Match, Matches, match_passages
from halo.corpus.dedup.passages import PassageTable, ShingleCache
from halo.corpus.dedup.preference import Preference
from halo.corpus.dedup.shingles import digest, shingle_hashes, unit_hashes

BANDS = num_bands(0.8)
ORIGINAL = " ".join(f"w{i}" for i in range(100))
NEAR = f"{ORIGINAL} and more"
OTHER = " ".join(f"x{i}" for i in range(100))


def table_of(documents: list[list[str]]) -> tuple[PassageTable, ShingleCache]:
    table = PassageTable(bands=BANDS)
    for document, lines in enumerate(documents):
        for position, line in enumerate(lines):
            words = unit_hashes(line)
            keys = band_keys(minhash(shingle_hashes(words), np.array([len(words)]), bands=BANDS))
            place = np.array([document]), np.array([position]), np.array([len(words)])
            table.add(*place, [digest(words)], keys)
    return table, ShingleCache(lambda document: "\n\n".join(documents[document]))


def divided(rank: list[int]) -> Preference:
    """Returns the preference among documents that are still to be divided."""
    return Preference(np.array(rank), np.full(len(rank), -1, dtype=np.int8))


@pytest.mark.parametrize(("rank", "dropped", "kept"), [([0, 1, 2], 1, 0), ([2, 1, 0], 0, 1)])
def test_the_preferred_document_keeps_a_near_duplicate(rank: list[int], dropped: int, kept: int) -> None:
    table, shingles = table_of([[ORIGINAL], [NEAR], [OTHER]])
    matches = match_passages(table, np.arange(3), divided(rank), shingles, similarity=0.8, groups=np.arange(3))
    assert matches == Matches({dropped: Match(kept, 93 / 95)}, {})


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("repeat", [ORIGINAL, NEAR])
def test_a_document_may_repeat_itself_if_that_is_allowed(repeat: str, keep: bool) -> None:
    table, shingles = table_of([[ORIGINAL, repeat]])
    matches = match_passages(
        table, np.arange(2), divided([0]), shingles, similarity=0.8, groups=np.array([0, 0 if keep else 1])
    )
    assert set(matches.dropped) == (set() if keep else {1})


def test_what_is_not_eligible_is_neither_dropped_nor_kept() -> None:
    table, shingles = table_of([[ORIGINAL], [ORIGINAL], [OTHER]])
    matches = match_passages(table, np.array([1, 2]), divided([0, 1, 2]), shingles, similarity=0.8, groups=np.arange(3))
    assert matches == Matches({}, {})


TRAIN, VALIDATION, TEST = range(3)


@pytest.mark.parametrize("copy", [ORIGINAL, NEAR])
@pytest.mark.parametrize(
    ("given", "dropped", "shared"),
    [
        ([TRAIN, TEST], {0}, set()),
        ([TRAIN, VALIDATION], {0}, set()),
        ([TRAIN, TRAIN], {1}, set()),
        ([TEST, TEST], set(), set()),
        ([VALIDATION, VALIDATION], set(), set()),
        ([VALIDATION, TEST], set(), {0}),
    ],
)
def test_given_validation_and_test_texts_stay_whole(
    copy: str, given: list[int], dropped: set[int], shared: set[int]
) -> None:
    table, shingles = table_of([[ORIGINAL], [copy]])
    splits = np.array(given, dtype=np.int8)
    preference = Preference(np.lexsort((np.arange(2), -splits)).argsort(), splits)
    matches = match_passages(table, np.arange(2), preference, shingles, similarity=0.8, groups=np.arange(2))
    assert (set(matches.dropped), set(matches.shared)) == (dropped, shared)

"""The table of passages, and the cache of their shingles."""

import numpy as np
import pytest

from halo.corpus.dedup import passages
from halo.corpus.dedup.passages import WHOLE_DOCUMENT, PassageTable, ShingleCache
from halo.corpus.dedup.shingles import shingle_hashes, unit_hashes


def text(name: str, number: int) -> str:
    return " ".join(f"{name}{i}" for i in range(number))


def test_passages_with_a_common_band_collide_across_batches() -> None:
    table = PassageTable(bands=2)
    for first, keys in enumerate(([[1, 2], [3, 4]], [[5, 2], [2, 1]])):
        count = np.arange(2)
        table.add(count + 2 * first, count, count + 10, [b"x" * 16] * 2, np.array(keys, dtype=np.uint32))
    assert table.colliding(np.arange(4)) == {0: [1, 2], 2: [5, 2]}
    assert table.colliding(np.array([0, 1, 3])) == {}
    assert table.document.tolist() == [0, 1, 2, 3]
    assert table.units.tolist() == [10, 11, 10, 11]
    assert len(table) == 4


def test_shingles_of_a_paragraph_do_not_extend_beyond_it() -> None:
    first, second = text("a", 10), text("b", 9)
    cache = ShingleCache(lambda _: f"{first}\n\n{second}")
    assert cache.get(0, 0).tolist() == sorted(shingle_hashes(unit_hashes(first)).tolist())
    assert cache.get(0, 1).tolist() == sorted(shingle_hashes(unit_hashes(second)).tolist())
    assert len(cache.get(0, WHOLE_DOCUMENT)) == 12


def test_recent_documents_are_read_once_while_the_cache_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "MAX_CACHED_SHINGLES", 10)
    asked: list[int] = []

    def text_of(document: int) -> str:
        asked.append(document)
        return text(f"d{document}x", 12)  # five shingles

    cache = ShingleCache(text_of)
    for document in (0, 1, 0, 1, 2, 1, 0):
        cache.get(document, 0)
    assert asked == [0, 1, 2, 0]

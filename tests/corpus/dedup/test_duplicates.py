"""The result of deduplication: counts by kind."""

from halo.corpus.dedup.duplicates import DuplicatePassage, count_by_kind


def test_counts_are_by_kind_and_unit() -> None:
    passages = [
        DuplicatePassage(unit, kind, "a", 0, "b", 0, "", 1.0)
        for unit, kind in [("document", "near"), ("paragraph", "exact"), ("paragraph", "exact")]
    ]
    assert count_by_kind(passages) == {"exact paragraphs": 2, "near documents": 1}
    assert count_by_kind([]) == {}

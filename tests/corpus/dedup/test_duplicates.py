"""The result of deduplication: counts by kind."""

from halo.corpus.dedup.duplicates import DroppedPassage, Duplicates


def test_counts_are_by_kind_and_unit() -> None:
    dropped = [
        DroppedPassage(unit, kind, "a", 0, "b", 0, 1.0)
        for unit, kind in [("document", "near"), ("paragraph", "exact"), ("paragraph", "exact")]
    ]
    duplicates = Duplicates(frozenset({1}), {2: frozenset({0, 1})}, tuple(dropped))
    assert duplicates.counts() == {"exact paragraphs": 2, "near documents": 1}
    assert Duplicates(frozenset(), {}, ()).counts() == {}

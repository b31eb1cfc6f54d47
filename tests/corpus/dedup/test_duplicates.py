"""The result of deduplication: counts by kind, and the settings that keep each kind."""

import pytest

from halo.corpus.dedup.duplicates import DuplicatePassage, count_by_kind, settings_that_keep


def test_counts_are_by_kind_and_unit() -> None:
    passages = [
        DuplicatePassage(unit, kind, "a", 0, "b", 0, "", 1.0)
        for unit, kind in [("document", "near"), ("paragraph", "exact"), ("paragraph", "exact")]
    ]
    assert count_by_kind(passages) == {"exact paragraphs": 2, "near documents": 1}
    assert count_by_kind([]) == {}


ALL = "data.duplicates.documents=false data.duplicates.paragraphs=false"
NEAR = ", or data.duplicates.similarity=1 to drop exact copies only"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["exact documents"], ALL),
        (["near documents"], ALL + NEAR),
        (["exact paragraphs"], "data.duplicates.paragraphs=false"),
        (["near paragraphs"], "data.duplicates.paragraphs=false" + NEAR),
        (["exact documents", "near paragraphs"], ALL + NEAR),
    ],
)
def test_the_settings_that_keep_a_text_are_named(kinds: list[str], expected: str) -> None:
    assert settings_that_keep(dict.fromkeys(kinds, 1)) == expected

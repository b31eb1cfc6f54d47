"""What is said about duplicates: much is explained with an example and the settings that keep it, little is not."""

from typing import Any

import pytest

from halo.corpus.duplicate_messages import describe_duplicates, dropped_share

NOTHING: dict[str, Any] = {
    "documents": 100,
    "dropped_documents": 0,
    "units": 1000,
    "dropped_units": 0,
    "counts": {},
    "dropped_by_kept_split": {},
    "example": None,
    "shared_counts": {},
}
MUCH = NOTHING | {"dropped_documents": 5, "dropped_units": 40, "counts": {"near documents": 5}, "example": ("a", "b")}


@pytest.mark.parametrize(
    ("changes", "share", "expected"),
    [
        ({}, 0, []),
        (
            {"dropped_documents": 4, "dropped_units": 49, "counts": {"exact documents": 4}},
            0.049,
            [
                "Duplicates: 4 exact documents (4.0% of the documents, 4.9% of the text) dropped before the split; "
                "manifest.json lists them."
            ],
        ),
        (
            MUCH,
            0.05,
            [
                "Duplicates: 5 near documents (5.0% of the documents, 4.0% of the text) dropped before the split; "
                "manifest.json lists them.",
                "  dropped: a",
                "  kept:    b",
                "  To keep both: data.duplicates.documents=false data.duplicates.paragraphs=false, or "
                "data.duplicates.similarity=1 to drop exact copies only.",
            ],
        ),
        (
            MUCH | {"counts": {"exact paragraphs": 5}, "example": ("a", "a")},
            0.05,
            [
                "Duplicates: 5 exact paragraphs (5.0% of the documents, 4.0% of the text) dropped before the split; "
                "manifest.json lists them.",
                "  repeated: a",
                "  To keep all: data.duplicates.paragraphs=false.",
            ],
        ),
        (
            MUCH | {"dropped_documents": 1, "counts": {"exact paragraphs": 1}, "dropped_by_kept_split": {"test": 1}},
            0.04,
            [
                "Training text: 1 exact paragraph (1.0% of the documents, 4.0% of the text) dropped as duplicates: "
                "1 of the test text. "
                "Validation and test text are whole."
            ],
        ),
        (
            {"shared_counts": {"exact documents": 1, "near paragraphs": 2}},
            0,
            [
                "Validation and test text share 1 exact document and 2 near paragraphs, kept in both: choosing a model "
                "on one favours the other."
            ],
        ),
    ],
)
def test_much_is_explained_and_little_is_not(changes: dict[str, Any], share: float, expected: list[str]) -> None:
    entry = NOTHING | changes
    assert dropped_share(entry) == pytest.approx(share)
    assert describe_duplicates(entry) == expected

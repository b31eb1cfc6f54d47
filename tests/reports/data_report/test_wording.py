"""Which labels are shown, and that every cleaning step and tokenizer has its words."""

from halo.config import CLEANING_STEPS
from halo.corpus.store.statistics_file import LabelCounts
from halo.reports.data_report.wording import MAX_LABELS, UNITS, largest_labels, tokens_per_label


def test_the_largest_labels_over_all_splits_are_shown() -> None:
    labels = {
        "train": {f"label {number}": LabelCounts(1, 1, number, 0) for number in range(100)},
        "test": {"label 3": LabelCounts(1, 1, 1_000, 0)},
    }
    found = largest_labels(labels)
    assert found.shown[:2] == ["label 3", "label 99"]
    assert (len(found.shown), found.num_hidden) == (MAX_LABELS, 100 - MAX_LABELS)
    assert tokens_per_label(labels)["label 3"] == 1_003


def test_documents_without_labels_have_none_to_show() -> None:
    assert largest_labels({"train": {"": LabelCounts(1, 1, 5, 0)}}).shown == []


def test_every_cleaning_step_has_a_unit() -> None:
    assert {*CLEANING_STEPS} <= UNITS.keys()

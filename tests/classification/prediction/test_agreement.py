"""Accuracy and confusions are those of the texts that can be compared; the others are counted."""

import logging

import pytest

from halo.classification.prediction.agreement import Agreement, label_text
from halo.classification.prediction.classifications import as_classification

LABELS = ("a", "b", "c")


def test_the_figures_are_those_of_a_known_example(caplog: pytest.LogCaptureFixture) -> None:
    agreement = Agreement(LABELS, "gold", threshold=0.5)
    rows = [("a", (0.8, 0.1, 0.1)), ("a", (0.1, 0.8, 0.1)), ("b", (0.4, 0.3, 0.3)), ("b", (0.1, 0.8, 0.1))]
    for label, shares in [*rows, ("d", (1, 0, 0)), ("", (1, 0, 0)), (None, (1, 0, 0))]:
        agreement.add(label, as_classification(LABELS, shares))
    agreement.add("a", None)
    with caplog.at_level(logging.INFO):
        summary = agreement.report()
    assert summary is not None
    assert summary["documents"] == 4
    assert summary["accuracy"] == 0.5
    assert summary["confusion"] == {"a": {"a": 1, "b": 1}, "b": {"a": 1, "b": 1}}
    assert summary["unlabelled"] == 2
    assert summary["unknown_labels"] == {"d": 1}
    assert summary["above_threshold"]["documents"] == 3
    assert summary["above_threshold"]["accuracy"] == pytest.approx(2 / 3)
    shown = caplog.text
    assert "Compared with the column 'gold', 4 texts" in shown
    assert "accuracy 50.0% (" in shown
    assert "true label" in shown
    assert " c " not in shown.split("Errors")[0].split("precision")[1]  # neither occurs nor is predicted


def test_labels_of_another_kind_are_told(caplog: pytest.LogCaptureFixture) -> None:
    agreement = Agreement(LABELS, "gold", threshold=0.0)
    agreement.add("A", as_classification(LABELS, (1, 0, 0)))
    assert agreement.report() is None
    assert "No text has one of the classifier's labels in the column 'gold'" in caplog.text


def test_many_labels_and_long_ones_fit_into_a_table(caplog: pytest.LogCaptureFixture) -> None:
    labels = tuple(f"label {number} {'long ' * 9}" for number in range(30))
    agreement = Agreement(labels, "gold", threshold=0.0)
    for number, label in enumerate(labels):
        shares = [0.0] * 30
        shares[(number + number % 3) % 30] = 1.0
        agreement.add(label, as_classification(labels, shares))
    with caplog.at_level(logging.INFO):
        agreement.report()
    assert "metrics.json has 10 more kinds" in caplog.text
    assert max(len(line) for record in caplog.records for line in record.getMessage().splitlines()) <= 80


def test_labels_are_text_as_in_training() -> None:
    assert [label_text(each) for each in (0, 1.5, True, "x ", None)] == ["0", "1.5", "True", "x ", ""]

"""Each section shows the figures of the run, with their split and unit, or says why it has none."""

from dataclasses import replace

import pytest

from halo.reports.run_page import figure_sections
from halo.reports.run_page.figure_sections import calibration_context, curves_context, loss_context, verdict_context
from halo.reports.run_page.material import Material
from halo.reports.run_page.run_metrics import RunMetrics
from tests.reports.run_page.conftest import figures


@pytest.mark.parametrize("name", ["verdict", "curves", "figures", "loss"])
def test_a_run_that_was_not_measured_has_no_figures(material: Material, name: str) -> None:
    unfinished = Material(replace(material.run, metrics=None))
    context = getattr(figure_sections, f"{name}_context")(unfinished)
    assert "has not been measured" in context["missing"]


def test_the_curve_marks_overfitting_only_where_the_verdict_says_so(material: Material) -> None:
    assert curves_context(material)["overfitting"]
    other = replace(material.run, metrics=RunMetrics.read(figures(verdict="neither: x"), place=""))
    assert not curves_context(Material(other))["overfitting"]
    none = replace(material.run, metrics=RunMetrics.read(figures(validations=[]), place=""))
    assert "before its first validation" in curves_context(Material(none))["missing"]


def test_the_best_baseline_stands_beside_the_model(material: Material) -> None:
    metrics = RunMetrics.read(figures(unigram_validation_perplexity=5.0), place="")
    tiles = verdict_context(Material(replace(material.run, metrics=metrics)))["tiles"]
    assert tiles["perplexity of a unigram model, validation"] == "5.0"


def test_labels_are_listed_by_size_and_their_number_is_limited(material: Material) -> None:
    part = {"share_of_nll": None, "perplexity": None}
    labels = {f"label {number}": {**part, "tokens": number} for number in range(1, 31)}
    split = {**figures()["splits"]["test"], "by_label": labels}
    metrics = RunMetrics.read(figures(splits=dict.fromkeys(("train", "validation", "test"), split)), place="")
    context = loss_context(Material(replace(material.run, metrics=metrics)))
    assert context["num_hidden_labels"] == 10
    assert [row["name"] for row in context["tables"][0]["rows"]][:2] == ["label 30", "label 29"]


def test_calibration_counts_every_token_of_validation(material: Material) -> None:
    assert material.run.corpus is not None
    assert calibration_context(material)["tokens"] == f"{len(material.run.corpus.ids['validation']):,}"

"""The scores are computed once, and only where there is a text and finite predictions."""

from dataclasses import replace

import torch

from halo.reports.run_page.material import Material
from halo.reports.run_page.reported_run import ReportedRun


def test_scores_are_computed_once(material: Material) -> None:
    assert material.scores is not None
    assert material.scores is material.scores


def test_there_are_no_scores_without_a_text(run: ReportedRun) -> None:
    without = Material(replace(run, corpus=None, without_corpus="x.txt: no such file"))
    assert without.scores is None
    assert "x.txt: no such file" in without.without_scores


def test_there_are_no_scores_of_predictions_that_are_not_finite(run: ReportedRun) -> None:
    state = {name: weight.clone() for name, weight in run.model.state_dict().items()}
    with torch.no_grad():
        next(run.model.parameters()).fill_(torch.nan)
    try:
        broken = Material(run)
        assert broken.scores is None
        assert "not finite" in broken.without_scores
    finally:
        run.model.load_state_dict(state)

"""The course of a study shows every trial, whatever became of it."""

from pathlib import Path

import pytest

from halo.comparing.page.charts.history import best_validation, draw_history, draw_pareto_front
from halo.comparing.study import Study, Trial
from tests.support.comparisons import compared_run, curve

pytest.importorskip("plotly", reason="needs the extra `compare`")


def study(*objectives: str) -> Study:
    perplexities = [90.0, 80.0, None, 85.0]
    runs = [compared_run(number, value, {}, folder=Path("x")) for number, value in enumerate(perplexities)]
    pruned = compared_run(4, None, {}, folder=Path("x"), status="pruned", curve=curve(95), reason="pruned")
    trials = [
        Trial(run, run.trial or 0, () if value is None else (value, 10 - value / 10), 60.0 * (9 - (run.trial or 0)))
        for run, value in zip([*runs, pruned], [*perplexities, None], strict=True)
    ]
    return Study("name", objectives, {}, trials)


def test_every_way_to_end_has_a_mark_and_the_line_never_rises() -> None:
    figure = draw_history(study())
    assert figure is not None
    line, *marks = figure.data
    assert {mark.name.split(",")[0].split(":")[0] for mark in marks} == {"finished", "failed", "pruned"}
    assert [*line.y] == [90, 80, 80]
    assert line.meta["y"]["time"] == [85, 80, 80]  # the last trial ended first
    failed = next(mark for mark in marks if mark.name.startswith("failed"))
    assert failed.y[0] > 95
    assert "the loss became nan at step 40" in failed.text[0]


def test_an_unfinished_run_has_the_best_of_its_curve() -> None:
    assert best_validation(compared_run(0, None, {}, folder=Path("x"), curve=curve(95))) == pytest.approx(95)
    assert best_validation(compared_run(0, None, {}, folder=Path("x"))) is None


def test_the_front_has_the_trials_that_no_other_beats() -> None:
    figure = draw_pareto_front(study("perplexity", "minutes"))
    assert figure is not None
    others, front = figure.data
    assert [*front.y] == [80, 85, 90]
    assert len(others.x) == 0
    assert draw_pareto_front(study("perplexity")) is None


def test_a_study_without_perplexities_has_no_course() -> None:
    trial = Trial(compared_run(0, None, {}, folder=Path("x")), 0, (), None)
    assert draw_history(Study("name", (), {}, [trial])) is None

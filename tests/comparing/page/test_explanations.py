"""Explanations say what holds for the runs at hand."""

from pathlib import Path

from halo.comparing.page.explanations import explain_curves, explain_importance, explain_order
from halo.comparing.page.importance import Importance
from halo.comparing.page.material import Material
from tests.support.comparisons import compared_run, comparison_of, curve


def test_the_order_warns_of_a_winner_that_was_chosen_on_test() -> None:
    runs = [compared_run(number, 80.0, {}, folder=Path("x")) for number in range(2)]
    assert "test is only reported" in " ".join(explain_order(Material(comparison_of(runs), Path("x"))))
    on_test = " ".join(explain_order(Material(comparison_of(runs, split="test"), Path("x"))))
    assert "looks better than it is" in on_test
    apart = [compared_run(number, 80.0, {}, folder=Path("x"), comparable=number) for number in range(2)]
    assert "cannot be ranked" in explain_order(Material(comparison_of(apart), Path("x")))[-1]


def test_what_the_curves_lack_is_said() -> None:
    runs = [
        compared_run(0, 80.0, {}, folder=Path("x"), curve=curve(80, tokens=False)),
        compared_run(1, None, {}, folder=Path("x")),
    ]
    sentences = " ".join(explain_curves(Material(comparison_of(runs), Path("x"))))
    assert "1 run of an older version did not record tokens and time, and is drawn against steps only" in sentences
    assert "1 run has no validation, and so no curve" in sentences
    assert explain_curves(Material(comparison_of(runs[:0]), Path("x"))) == []


def test_the_importance_of_few_runs_is_a_hint() -> None:
    shares = {"optim.lr": 0.8, "model.hidden": 0.2}
    few = explain_importance(Importance(shares, 0.5, 10), {"optim.lr": "lr"})
    assert few[0] == "Whether a run is among the best 50% depends most on lr (80%)."
    assert "10 runs only" in few[1]
    assert len(explain_importance(Importance(shares, 0.1, 50), {"optim.lr": "lr"})) == 1

"""Each section says why it has nothing to show; those that do not apply are left out."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from halo.comparing.comparison import Comparison
from halo.comparing.page.material import Material
from halo.comparing.page.sections import SECTIONS
from tests.support.comparisons import compared_run, comparison_of, sweep

pytest.importorskip("plotly", reason="needs the extra `compare`")


def missing(comparison: Comparison) -> dict[str, str | None]:
    material = Material(comparison, Path("x"))
    contexts = {name: section.context(material) for name, section in SECTIONS.items()}
    return {
        name: None if context is None else context["missing"]
        for name, context in contexts.items()
        if context is None or "missing" in context
    }


@pytest.mark.slow  # Optuna's measures import scikit-learn
def test_a_sweep_has_every_section_but_that_of_a_study() -> None:
    pytest.importorskip("optuna", reason="needs the extra `sweep`")
    comparison = sweep(20, folder=Path("x"))
    assert missing(comparison) == {"history": None}


def test_one_run_has_no_differences() -> None:
    run = compared_run(0, 80.0, {}, folder=Path("x"))
    assert missing(comparison_of([run], {})) == {
        "differences": "there are no two runs that can be compared",
        "settings": "the runs have the same settings",
        "importance": "the runs have the same settings",
        "history": None,
        "failures": None,
    }


def test_runs_without_curves_and_few_runs_say_so() -> None:
    runs = [compared_run(number, None, {"optim.lr": number}, folder=Path("x")) for number in range(3)]
    found = missing(comparison_of(runs))
    assert found["curves"] == "no run has a validation"
    assert found["importance"] == "it takes 8 finished runs that can be compared, and there are 0"
    assert found["settings"] == "there are no two finished runs that can be compared"


def test_importance_without_optuna_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    found = missing(sweep(20, folder=Path("x")))
    assert found["importance"] == (
        "the importance of settings needs the package optuna; pip install 'semblance-halo[sweep]'"
    )


def test_runs_whose_figures_are_not_finite_are_left_out_of_drawings() -> None:
    comparison = sweep(12, folder=Path("x"))
    runs = [replace(run, comparable=0, figures=comparison.runs[0].figures) for run in comparison.runs[:4]]
    figures = runs[0].figures
    assert figures is not None
    split = replace(figures.splits["validation"], perplexity=None, nll=None, perplexity_interval=None)
    runs[3] = replace(runs[3], figures=replace(figures, splits={"validation": split}))
    context = SECTIONS["settings"].context(Material(replace(comparison, runs=runs), Path("x")))
    assert context is not None
    assert context["num_runs"] == 3
    assert context["num_others"] == 1

"""Runs and groups have names by which they are found on the page."""

from dataclasses import replace
from pathlib import Path

from halo.comparing.comparison import RunGroup
from halo.comparing.page.material import Material
from tests.support.comparisons import compared_run, comparison_of


def test_names_have_the_settings_that_vary() -> None:
    runs = [compared_run(number, 80.0, {"optim.lr": 0.00312345}, folder=Path("x")) for number in range(2)]
    material = Material(comparison_of(runs), Path("x"))
    assert material.label(runs[0]) == "0000: lr=0.003123"
    assert material.group_name("group 1") == "0001"
    assert material.group_label("group 1") == "0001: lr=0.003123"
    group = RunGroup("both", "label", {"optim.lr": 0.00312345}, [0, 1], 0, {}, 1, None)
    several = Material(replace(material.comparison, groups=[group]), Path("x"))
    assert several.group_name("both") == several.group_label("both") == "lr=0.003123"
    bare = Material(replace(material.comparison, groups=[replace(group, settings={})]), Path("x"))
    assert bare.group_name("both") == "label"


def test_the_largest_set_has_runs_with_a_figure_only() -> None:
    runs = [
        compared_run(0, 80.0, {}, folder=Path("x"), comparable=0),
        compared_run(1, 70.0, {}, folder=Path("x"), comparable=1),
        compared_run(2, 71.0, {}, folder=Path("x"), comparable=1),
        compared_run(3, None, {}, folder=Path("x")),
    ]
    material = Material(comparison_of(runs), Path("x"))
    assert [run.trial for run in material.largest_set()] == [1, 2]
    assert material.sets == [0, 1]
    assert Material(comparison_of([]), Path("x")).largest_set() == []

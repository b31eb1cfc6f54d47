"""Samplers draw the same values for a trial whoever asks, and pruners count validations from 1."""

from pathlib import Path

import pytest

from halo.config.commands.sweep import (
    AshaConfig,
    GridConfig,
    MedianPrunerConfig,
    NoPrunerConfig,
    RandomConfig,
    SamplerConfig,
    TPEConfig,
)
from halo.sweeping.algorithms import make_pruner
from tests.support.studying import open_trials

SAMPLERS = [
    RandomConfig(name="random", seed=3),
    TPEConfig(name="tpe", seed=3, num_startup_trials=2),
    GridConfig(name="grid", seed=3),
]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: sampler.name)
def test_two_workers_draw_what_one_would(tmp_path: Path, sampler: SamplerConfig) -> None:
    space = {"optim.lr": [1, 2, 3, 4, 5], "model.hidden": {"low": 1, "high": 9}}
    drawn = []
    for folder, num_workers in (("alone", 1), ("together", 2)):
        workers = [
            open_trials(tmp_path / folder, space=space, sampler=sampler, num_trials=6) for _ in range(num_workers)
        ]
        values = []
        for number in range(6):
            claim = workers[number % num_workers].next()
            assert claim is not None
            values.append(tuple(claim.values.values()))
            workers[number % num_workers].finish(claim, "complete", values=[float(number)])
        drawn.append(values)
    assert drawn[0] == drawn[1]
    assert len({*drawn[0]}) >= 5


def test_a_grid_is_tried_whole(tmp_path: Path) -> None:
    space = {"a.b": [1, 2], "a.c": ["x", None]}
    trials = open_trials(tmp_path, space=space, sampler=GridConfig(name="grid", seed=1), num_trials=4)
    found = set()
    while (claim := trials.next()) is not None:
        found.add(tuple(claim.values.values()))
        trials.finish(claim, "fail", reason="no")
    assert found == {(1, "x"), (1, None), (2, "x"), (2, None)}


def test_pruners_are_those_of_optuna() -> None:
    median = make_pruner(MedianPrunerConfig(name="median", num_startup_trials=2, num_warmup_validations=1))
    names = [type(each).__name__ for each in (median, make_pruner(NoPrunerConfig(name="none")))]
    asha = make_pruner(AshaConfig(name="asha", min_validations=1, reduction_factor=3))
    assert [*names, type(asha).__name__] == ["MedianPruner", "NopPruner", "SuccessiveHalvingPruner"]

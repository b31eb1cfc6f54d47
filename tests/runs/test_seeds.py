"""Several seeds are as many whole runs, and their figures come together."""

import json
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import TrainConfig
from halo.runs.fit import fit
from halo.runs.seeds import TrainerParts, fit_seeds
from tests.conftest import Outcome


def no_parts(_: TrainConfig) -> TrainerParts:
    return TrainerParts([], [])


def test_each_seed_is_the_run_that_it_is_alone(tiny_config: TrainConfig, tmp_path: Path) -> None:
    configs = [replace(tiny_config, seed=seed, run_dir=str(tmp_path / f"seed_{seed}")) for seed in (3, 4, 5)]
    together = fit_seeds(configs, tmp_path, make_parts=no_parts)
    assert together is not None
    alone = fit(replace(tiny_config, seed=4), callbacks=[], loggers=[])
    assert alone is not None
    assert list(together.results) == [3, 4, 5]
    found = [result.scores["test"].perplexity for result in together.results.values()]
    assert found[1] == alone.scores["test"].perplexity
    assert len(set(found)) == 3
    spread = together.spread("test")
    assert spread.mean == pytest.approx(statistics.mean(found))
    assert spread.standard_deviation == pytest.approx(statistics.stdev(found))
    assert (spread.lowest, spread.highest) == (min(found), max(found))


def test_the_command_leaves_whole_run_folders_and_one_table(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *tiny, "trainer.max_epochs=1", "seed=7", "seeds=2", "run_dir=runs")
    assert outcome.code == 0, outcome.err
    metrics = json.loads((tmp_path / "runs" / "metrics.json").read_text())
    assert list(metrics["seeds"]) == ["7", "8"]
    for seed in ("7", "8"):
        run = tmp_path / "runs" / f"seed_{seed}"
        assert (run / "checkpoints" / "best.ckpt").is_file()
        assert (run / "csv" / "metrics.csv").is_file()
        own = json.loads((run / "bundle" / "metrics.json").read_text())
        assert own["test_perplexity"] == metrics["seeds"][seed]["test_perplexity"]
        assert f"{own['test_perplexity']:.2f}" in outcome.out
    assert f"{metrics['spread']['validation']['standard_deviation']:.2f}" in outcome.out
    assert not (tmp_path / "runs" / "checkpoints").exists()


def test_no_seeds_is_refused(command: Callable[..., Outcome]) -> None:
    outcome = command("train", "seeds=0")
    assert outcome.code == 2
    assert "seeds=0: must be a whole number of at least 1" in outcome.err

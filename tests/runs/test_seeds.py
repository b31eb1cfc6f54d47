"""Several seeds are as many whole runs, and their figures come together."""

import json
import logging
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from halo.config import TrainConfig
from halo.runs import seeds
from halo.runs.fit import fit
from halo.runs.seed_worker import TrainerParts
from halo.runs.seeds import fit_seeds
from halo.runtime.errors import InputError
from halo.runtime.threads import Cores
from tests.conftest import Outcome


@pytest.fixture
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "num_cores", lambda: 1)


def no_parts(_: TrainConfig) -> TrainerParts:
    return TrainerParts([], [])


def test_each_seed_is_the_run_that_it_is_alone(tiny_config: TrainConfig, tmp_path: Path, one_core: None) -> None:
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


@pytest.mark.parametrize(
    ("num_seeds", "cores", "threads", "workers", "says_busy"),
    [
        (5, None, 1, 4, False),  # not measured: four cores
        (2, None, 1, 2, False),
        (5, None, 2, 2, False),  # two threads each, by the user's wish
        (5, None, 4, 1, False),
        (5, None, 8, 1, False),
        (5, Cores(4, 4.0), 1, 4, False),
        (5, Cores(4, 2.4), 1, 2, True),
        (2, Cores(4, 2.4), 1, 2, False),
        (5, Cores(4, 0.5), 1, 1, True),
        (5, Cores(1, 1.0), 1, 1, False),
    ],
)
def test_as_many_seeds_go_side_by_side_as_cores_are_free(
    *,
    num_seeds: int,
    cores: Cores | None,
    threads: int,
    workers: int,
    says_busy: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(seeds, "num_cores", lambda: 4)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert seeds._num_workers(num_seeds, cores) == workers
    assert ("The machine is busy" in caplog.text) == says_busy


def test_runs_that_exist_are_refused_before_any_starts(tiny_config: TrainConfig, tmp_path: Path) -> None:
    configs = [replace(tiny_config, seed=seed, run_dir=str(tmp_path / f"seed_{seed}")) for seed in (3, 4)]
    (tmp_path / "seed_4").mkdir()
    (tmp_path / "seed_4" / "config.yaml").write_text("")
    with pytest.raises(InputError, match="seed_4: already holds a run"):
        fit_seeds(configs, tmp_path, make_parts=no_parts, cores=Cores(2, 2.0))
    assert [path.name for path in tmp_path.iterdir()] == ["seed_4"]


def test_no_seeds_is_refused(command: Callable[..., Outcome]) -> None:
    outcome = command("train", "seeds=0")
    assert outcome.code == 2
    assert "seeds=0: must be a whole number of at least 1" in outcome.err

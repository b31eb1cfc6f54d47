"""Seeds side by side have the figures of runs in turn; failures, dead processes and signals end in a line."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import pytest

from halo.config import TrainConfig
from halo.runs.fit import fit
from halo.runs.parallel_seeds import fit_in_processes
from halo.runs.result import FitResult
from halo.runs.seed_worker import TrainerParts
from halo.runtime.errors import InputError, Stopped, TrainingError
from halo.training.resume.checkpoint_files import find_resume_checkpoints
from halo.training.resume.resume_checkpoints import ResumeCheckpoints

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # starts processes, each of which loads torch


class AtStep(L.Callback):
    """Calls a function in the third step."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act

    def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
        if trainer.global_step == 2:
            self.act()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise RuntimeError("the callback of a user")


ACTS = {3: kill, 4: fail}


def parts(config: TrainConfig) -> TrainerParts:
    """Returns callbacks for a run that is killed or fails, by its seed, and refuses seed 9."""
    if config.seed == 9:
        raise InputError("seed=9: refused")
    return TrainerParts([AtStep(ACTS[config.seed])] if config.seed in ACTS else [], [])


def stoppable(config: TrainConfig) -> TrainerParts:
    return TrainerParts([ResumeCheckpoints(f"{config.run_dir}/checkpoints", None, None)], [])


def configs(config: TrainConfig, folder: Path, *seeds: int, **trainer: Any) -> list[TrainConfig]:
    short = {**config.trainer, "max_epochs": 1, "limit_train_batches": 5, **trainer}
    return [replace(config, seed=seed, run_dir=str(folder / f"seed_{seed}"), trainer=short) for seed in seeds]


def figures(result: FitResult) -> list[float]:
    return [scores.nll for scores in result.scores.values()]


@pytest.mark.exhaustive
def test_figures_are_those_of_runs_in_turn(
    tiny_config: TrainConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    both = configs(tiny_config, tmp_path, 1, 2)
    results = fit_in_processes(both, tmp_path, make_parts=parts, workers=2)
    assert list(results) == [1, 2]
    messages = caplog.messages
    in_turn = [fit(replace(config, run_dir=f"{config.run_dir}_in_turn"), callbacks=[], loggers=[]) for config in both]
    for result, alone in zip(results.values(), in_turn, strict=True):
        assert alone is not None
        assert figures(result) == figures(alone)
        assert result.samples == alone.samples
        assert (result.run_dir / "bundle" / "model.safetensors").is_file()
    for seed in (1, 2):
        own = [message for message in messages if message.startswith(f"seed {seed}: ")]
        assert own[0].startswith(f"seed {seed}: started, in ")
        assert own[-1].startswith(f"seed {seed}: finished, validation perplexity ")
        assert sum("epoch 1/1  perplexity" in message for message in own) == 1
        assert "Run folder: " in (tmp_path / f"seed_{seed}.log").read_text()  # of several lines: only in the file
    assert all(message.startswith("seed ") and "\n" not in message for message in messages)


@pytest.mark.exhaustive
def test_a_run_that_dies_or_fails_does_not_end_the_others(tiny_config: TrainConfig, tmp_path: Path) -> None:
    both = configs(tiny_config, tmp_path, 3, 4, 5)
    with pytest.raises(TrainingError) as error:
        fit_in_processes(both, tmp_path, make_parts=parts, workers=2)
    killed, failed = str(error.value).splitlines()
    ended = "its process was ended by SIGKILL, perhaps for lack of memory"
    assert killed == f"seed 3: {ended}; repeat the command with resume={tmp_path}"
    assert failed.startswith("seed 4: ")
    assert "the callback of a user" in failed
    assert "Traceback" in (tmp_path / "seed_4.log").read_text()
    assert (tmp_path / "seed_5" / "metrics.json").is_file()


@pytest.mark.exhaustive
def test_a_refused_run_ends_all(tiny_config: TrainConfig, tmp_path: Path) -> None:
    many = configs(tiny_config, tmp_path, 9, 1, max_epochs=1000, limit_train_batches=50)
    with pytest.raises(InputError, match=r"^seed=9: refused$"):
        fit_in_processes(many, tmp_path, make_parts=parts, workers=2)
    assert not (tmp_path / "seed_9").exists()


@pytest.mark.exhaustive
def test_a_signal_stops_all_with_a_resume_checkpoint(tiny_config: TrainConfig, tmp_path: Path) -> None:
    both = configs(tiny_config, tmp_path, 6, 7, 8, max_epochs=1000)
    logs = [tmp_path / "seed_6.log", tmp_path / "seed_7.log"]

    def stop_once_both_train() -> None:
        until = time.monotonic() + 200
        while not all(log.exists() and "epoch 2/" in log.read_text() for log in logs) and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop_once_both_train, daemon=True).start()
    with pytest.raises(Stopped) as stopped:
        fit_in_processes(both, tmp_path, make_parts=stoppable, workers=2)
    assert stopped.value.signal_number == signal.SIGTERM
    for seed, step in stopped.value.steps_of_seeds.items():
        (checkpoint,) = find_resume_checkpoints(tmp_path / f"seed_{seed}" / "checkpoints")
        assert checkpoint.step == step
    assert list(stopped.value.steps_of_seeds) == [6, 7]
    assert not (tmp_path / "seed_8").exists()

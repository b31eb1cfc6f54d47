"""The Trainer gets settings that Lightning accepts, and writes checkpoints that are whole or absent."""

import logging
import os
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.utilities import rank_zero_only

from halo.config import RESERVED, TrainConfig
from halo.runtime.errors import InputError
from halo.training.callbacks.learning_curve import LearningCurve
from halo.training.callbacks.throughput import Throughput
from halo.training.trainer import AtomicCheckpointIO, build_trainer
from tests.support.fitting import fit_module

CPU: dict[str, Any] = {"accelerator": "cpu", "devices": 1}


@pytest.mark.parametrize("key", RESERVED)
def test_settings_that_halo_makes_itself_are_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match=f"^trainer.{key}: cannot be set here; "):
        build_trainer({**CPU, key: None}, tmp_path, [], [])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"max_epochs": "many"}, r"^trainer\.max_epochs=many: not allowed; lightning\.Trainer accepts .*int"),
        ({"max_epochs": True}, r"^trainer\.max_epochs=True: not allowed"),
        ({"precision": "33"}, r"^trainer\.precision=33: not allowed"),
        ({"accelerator": "abacus"}, r"^trainer: .*abacus.* Given: accelerator=abacus devices=1; "),
        ({"speed": 2}, r"^trainer\.speed: unknown setting; `--help` lists all settings$"),
        ({"max_epoch": 2}, r"^trainer\.max_epoch: unknown setting; did you mean trainer\.max_epochs\?$"),
        ({"max_time": "soon"}, r"^trainer: Timer\(duration='soon'\) is not a valid duration.*; correct the setting$"),
        ({"max_time": 10}, r"^trainer\.max_time=10: not allowed"),
        ({"profiler": "quick"}, r"^trainer: .*'simple', 'advanced'.*; correct the setting$"),
        ({"max_epochs": 0}, r"^trainer\.max_epochs=0: must be at least 1, or -1 for no limit$"),
        ({"max_epochs": -2}, r"^trainer\.max_epochs=-2: must be at least 1"),
        ({"max_steps": 0}, r"^trainer\.max_steps=0: must be at least 1"),
        ({"limit_train_batches": 0}, r"^trainer\.limit_train_batches=0: must be above 0"),
        ({"limit_train_batches": 0.0}, r"^trainer\.limit_train_batches=0\.0: must be above 0"),
        ({"limit_train_batches": 1.5}, r"^trainer: .*1\.5 for limit_train_batches"),
        ({"val_check_interval": 0}, r"^trainer\.val_check_interval=0: must be above 0"),
        ({"val_check_interval": "00:00:01:00"}, r"^trainer\.val_check_interval=00:00:01:00: .* not a time"),
        ({"check_val_every_n_epoch": 0}, r"^trainer\.check_val_every_n_epoch=0: must be at least 1"),
        ({"accumulate_grad_batches": 0}, r"^trainer\.accumulate_grad_batches=0: must be at least 1"),
        ({"log_every_n_steps": -1}, r"^trainer\.log_every_n_steps=-1: must be at least 0"),
        ({"num_nodes": 0}, r"^trainer.num_nodes"),
        ({"strategy": "ddp_spawn"}, r"^trainer\.strategy=ddp_spawn: must be auto .* ddp or fsdp$"),
        ({"strategy": "fsdp", "precision": "64-true"}, r"^trainer\.precision=64-true: not with trainer\.strategy=fsdp"),
        ({"devices": 0}, r"^trainer: .*devices"),
        ({"precision": "16-mixed"}, r"^trainer\.precision=16-mixed: .*use 32-true or auto"),
    ],
)
def test_what_lightning_does_not_accept_is_an_input_error(
    tmp_path: Path, setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as raised:
        build_trainer({**CPU, **setting}, tmp_path, [], [])
    assert re.search(message, str(raised.value)), raised.value
    assert "\n" not in str(raised.value)


def test_no_limit_on_epochs_is_no_limit(tmp_path: Path) -> None:
    assert build_trainer({**CPU, "max_epochs": None}, tmp_path, [], []).max_epochs == -1


def test_a_trial_of_a_worker_that_srun_has_started_logs_as_any_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = {
        "SLURM_NTASKS": "4",
        "SLURM_PROCID": "1",
        "SLURM_LOCALID": "1",
        "SLURM_JOB_NAME": "sweep",
        "HALO_TRIAL": "study",
    }
    monkeypatch.setattr(os, "environ", {**os.environ, **task})
    monkeypatch.setattr(rank_zero_only, "rank", 1)  # as Lightning reads it when a script imports it
    trainer = build_trainer(CPU, tmp_path, [], [])
    assert (trainer.world_size, trainer.is_global_zero) == (1, True)
    assert vars(rank_zero_only)["rank"] == 0


def test_callbacks_without_output_are_left_out(tmp_path: Path) -> None:
    monitor, bar = LearningRateMonitor(), TQDMProgressBar()
    silent = build_trainer(CPU, tmp_path, [monitor, bar], [])
    callbacks: list[Any] = silent.callbacks  # type: ignore[attr-defined]
    assert monitor not in callbacks
    assert bar not in callbacks  # tests have no terminal
    logged = build_trainer(CPU, tmp_path, [monitor], [CSVLogger(tmp_path)])
    assert monitor in logged.callbacks  # type: ignore[attr-defined]


def test_a_checkpoint_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, file = AtomicCheckpointIO(), tmp_path / "best.ckpt"
    writer.save_checkpoint({"global_step": 1}, file)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        writer.save_checkpoint({"global_step": 2}, file)
    assert torch.load(file, weights_only=True) == {"global_step": 1}


def test_checkpoints_do_not_pass_through_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    AtomicCheckpointIO().save_checkpoint({"global_step": 1}, tmp_path / "best.ckpt")
    assert (tmp_path / "best.ckpt").exists()


@pytest.mark.parametrize(
    ("logger", "file", "level", "is_shown"),
    [
        ("lightning.pytorch.callbacks.early_stopping", "callbacks/early_stopping.py", "INFO", True),
        ("lightning.pytorch.callbacks.model_summary", "callbacks/model_summary.py", "INFO", True),
        ("lightning.pytorch.profilers.profiler", "profilers/profiler.py", "INFO", True),
        ("lightning.pytorch.utilities.rank_zero", "callbacks/model_checkpoint.py", "INFO", True),
        ("lightning.pytorch.utilities.rank_zero", "trainer/setup.py", "WARNING", True),
        ("lightning.pytorch.utilities.rank_zero", "trainer/setup.py", "INFO", False),
        ("lightning.pytorch.utilities.rank_zero", "callbacks/timer.py", "INFO", False),
        ("lightning.fabric.utilities.rank_zero", "fabric/seed.py", "INFO", False),
        ("lightning.pytorch.trainer", "trainer/trainer.py", "INFO", False),
        ("matplotlib.font_manager", "font_manager.py", "WARNING", False),
    ],
)
def test_what_was_asked_for_is_shown_and_internals_are_not(
    tmp_path: Path, logger: str, file: str, level: str, is_shown: bool
) -> None:
    build_trainer(CPU, tmp_path, [], [])
    number = logging.getLevelNamesMapping()[level]
    record = logging.LogRecord(logger, number, f"/lightning/{file}", 1, "message", None, None)
    source = logging.getLogger(logger)
    assert (source.isEnabledFor(number) and bool(source.filter(record))) == is_shown


def test_warnings_that_do_not_concern_the_run_are_hidden(tmp_path: Path) -> None:
    hidden = [
        "The number of training batches (6) is smaller than the logging interval Trainer(log_every_n_steps=20).",
        "Checkpoint directory /x exists and is not empty.",
        "`ModelCheckpoint(monitor='val/nll')` could not find the monitored key in the returned metrics: []",
        "It is recommended to use `self.log('val/nll', ..., sync_dist=True)` when logging on epoch level",
        "GPU available but not used. You can set it by doing `Trainer(accelerator='gpu')`.",
        "Glyph 30149 (\\N{CJK UNIFIED IDEOGRAPH-75C5}) missing from font(s) DejaVu Sans.",
    ]
    with warnings.catch_warnings(record=True) as shown:
        warnings.resetwarnings()
        build_trainer(CPU, tmp_path, [], [])
        for message in [*hidden, "the learning rate is odd"]:
            warnings.warn(message, stacklevel=1)
    assert [str(each.message) for each in shown if "learning rate" in str(each.message)] == ["the learning rate is odd"]
    assert not [str(each.message) for each in shown if str(each.message) in hidden]


def test_no_message_is_printed_twice(tmp_path: Path) -> None:
    logger = logging.getLogger("lightning.pytorch")
    logger.addHandler(logging.StreamHandler())  # as Lightning does when it is imported before logging is configured
    logger.propagate = False
    build_trainer(CPU, tmp_path, [], [])
    assert logging.getLogger().hasHandlers()
    assert logger.handlers == []
    assert logger.propagate


def test_overfitting_to_a_batch_works_and_says_what_its_figures_are(
    tiny_config: TrainConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    curve = LearningCurve(tmp_path / "curve.png", Throughput())
    fitted = fit_module(tiny_config, curve, overfit_batches=1, max_epochs=3)
    assert fitted.trainer.global_step == 3
    assert len(curve.history) == 3
    (line,) = [each for each in caplog.messages if "overfit_batches=1" in each]
    assert "the final figures are of the whole text" in line

"""The Trainer gets settings that Lightning accepts, and writes checkpoints that are whole or absent."""

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger

from halo.runtime.errors import InputError
from halo.training.trainer import OWNED_BY_HALO, AtomicCheckpointIO, build_trainer

CPU: dict[str, Any] = {"accelerator": "cpu", "devices": 1}


@pytest.mark.parametrize("key", OWNED_BY_HALO)
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
        ({"speed": 2}, r"^trainer: .*speed"),
    ],
)
def test_what_lightning_does_not_accept_is_an_input_error(
    tmp_path: Path, setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as raised:
        build_trainer({**CPU, **setting}, tmp_path, [], [])
    assert re.search(message, str(raised.value)), raised.value
    assert "\n" not in str(raised.value)


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

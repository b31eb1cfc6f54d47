"""Resume checkpoints are written when they are due, hold what a run carries, and restore it."""

from pathlib import Path
from typing import Any

import pytest
import torch

from halo.config import TrainConfig
from halo.runtime.errors import InputError
from halo.training.resume.checkpoint_files import find_resume_checkpoints
from halo.training.resume.resume_checkpoints import (
    ResumeCheckpoints,
    find_resume_callback,
    relocate_best_checkpoints,
)
from tests.support.fitting import fit_module


def resume_checkpoints(folder: Path, *, steps: int | None = None, minutes: float | None = None) -> ResumeCheckpoints:
    return ResumeCheckpoints(str(folder), every_n_steps=steps, every_n_minutes=minutes)


@pytest.mark.parametrize("intervals", [{"steps": 0}, {"steps": -1}, {"minutes": 0.0}])
def test_an_interval_has_to_be_above_zero(tmp_path: Path, intervals: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"callbacks\.resume\.every_n_.*a number above 0, or null for none, is needed"):
        resume_checkpoints(tmp_path, **intervals)


def test_they_are_written_every_so_many_updates(tiny_config: TrainConfig, tmp_path: Path) -> None:
    callback = resume_checkpoints(tmp_path, steps=3)
    fitted = fit_module(tiny_config, callback, max_epochs=1, accumulate_grad_batches=2, limit_train_batches=20)
    assert fitted.trainer.global_step == 10
    assert [each.step for each in find_resume_checkpoints(tmp_path)] == [6, 9]
    assert callback.newest_file() == find_resume_checkpoints(tmp_path)[-1].file
    assert find_resume_callback(fitted.trainer) is callback


def test_they_are_written_by_time(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit_module(tiny_config, resume_checkpoints(tmp_path, minutes=1e-9), max_epochs=1, limit_train_batches=4)
    assert [each.step for each in find_resume_checkpoints(tmp_path)] == [2, 3]


def test_without_intervals_none_is_written(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit_module(tiny_config, resume_checkpoints(tmp_path), max_epochs=1)
    assert find_resume_checkpoints(tmp_path) == []


def test_a_run_resumed_from_one_ends_with_the_same_weights(tiny_config: TrainConfig, tmp_path: Path) -> None:
    whole = fit_module(tiny_config, resume_checkpoints(tmp_path, steps=20), max_epochs=1).module
    newest = find_resume_checkpoints(tmp_path)[-1]
    saved = torch.load(newest.file, weights_only=True)["resume"]
    assert saved["windows"] == {"window": newest.step}
    assert saved["threads"] == torch.get_num_threads()
    assert saved["processes"][0]["module"]["num_tokens"] > 0
    resumed = fit_module(tiny_config, resume_checkpoints(tmp_path), checkpoint=newest.file, max_epochs=1).module
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name])


@pytest.mark.parametrize("name", ["best.ckpt", "epoch=2-val/nll=4.51.ckpt"])
def test_best_checkpoints_are_looked_for_where_the_run_is_now(tmp_path: Path, name: str) -> None:
    best = {
        "dirpath": "/old/checkpoints",
        "best_model_path": f"/old/checkpoints/{name}",
        "last_model_path": "",
        "kth_best_model_path": f"/old/checkpoints/{name}",
        "best_k_models": {f"/old/checkpoints/{name}": 5.0},
    }
    other = {
        **best,
        "dirpath": "/old",
        "best_model_path": "/old/a.ckpt",
        "kth_best_model_path": "",
        "best_k_models": {},
    }
    states = {"ModelCheckpoint{one}": best, "ModelCheckpoint{two}": other, "Throughput": {"seconds": 1.0}}
    checkpoint: dict[str, Any] = {"callbacks": states}
    folders = {
        "ModelCheckpoint{one}": tmp_path / "new",
        "ModelCheckpoint{two}": tmp_path,
        "ModelCheckpoint{three}": tmp_path,
    }
    relocate_best_checkpoints(checkpoint, folders)
    moved = str(tmp_path / "new" / name)
    assert best["dirpath"] == str(tmp_path / "new")
    assert (best["best_model_path"], best["last_model_path"], best["kth_best_model_path"]) == (moved, "", moved)
    assert best["best_k_models"] == {moved: 5.0}
    assert other["best_model_path"] == str(tmp_path / "a.ckpt")
    assert checkpoint["callbacks"]["Throughput"] == {"seconds": 1.0}

"""The weights of a checkpoint are loaded into a model of the same architecture, and only that."""

from pathlib import Path

import pytest
import torch

from halo.bundle.checkpoints import Checkpoint, load_checkpoint
from halo.models.recurrent import RecurrentModel
from halo.runtime.errors import InputError


def small(hidden: int = 6) -> RecurrentModel:
    return RecurrentModel(vocab_size=9, embedding=4, hidden=hidden)


def save(file: Path, **changes: object) -> Path:
    weights = {f"model.{name}": weight for name, weight in small().state_dict().items()}
    torch.save({"state_dict": weights, "global_step": 12, **changes}, file)
    return file


def test_weights_step_and_average_are_read(tmp_path: Path) -> None:
    model = small()
    assert load_checkpoint(model, save(tmp_path / "a.ckpt")) == Checkpoint(step=12, average=None)
    saved = torch.load(tmp_path / "a.ckpt", weights_only=True)["state_dict"]
    assert all(torch.equal(weight, saved[f"model.{name}"]) for name, weight in model.state_dict().items())
    assert load_checkpoint(model, save(tmp_path / "b.ckpt", averaging="a mean")).average == "a mean"


def test_what_is_no_checkpoint_of_this_model_is_refused(tmp_path: Path) -> None:
    file = save(tmp_path / "a.ckpt")
    with pytest.raises(InputError, match=r"a\.ckpt: broken, or not of this model"):
        load_checkpoint(small(hidden=7), file)
    with pytest.raises(InputError, match=r"b\.ckpt: not a checkpoint of halo"):
        load_checkpoint(small(), save(tmp_path / "b.ckpt", global_step="many"))
    (tmp_path / "c.ckpt").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"c\.ckpt: broken"):
        load_checkpoint(small(), tmp_path / "c.ckpt")

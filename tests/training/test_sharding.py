"""Training with sharded weights is the same as training on one process: losses, weights, averages, checkpoints."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import nn

from halo.training.sharding import is_sharded, load_whole_state_dict, part_of, release_weights, whole, whole_state_dict
from tests.support.on_ranks import Case, Recorded, train_case, train_on_ranks

COMMON = [
    *("sampled_softmax.num_frequent=null", "trainer.accelerator=cpu", "trainer.max_steps=56", "samples.prompts=[]"),
    *("callbacks.early_stopping=null", "callbacks.resume.every_n_steps=40"),
]
NO_DROPOUT = [f"model.dropout_{place}=0" for place in ("input", "hidden", "output")]
LSTM = [*NO_DROPOUT, "averaging=ema"]
OTHERS = {
    "transformer": [*NO_DROPOUT, "model=transformer", "model.heads=2", "model.dropout_attention=0"],
    "gru": [*NO_DROPOUT, "model=gru", "model.layers=2", "optim=sgd", "optim.lr=0.5", "gradient_clip.algorithm=value"],
    "ensemble": [
        *NO_DROPOUT,
        "model.ensemble_size=2",
        "trainer.accumulate_grad_batches=2",
        "averaging=nt_asgd",
        "trainer.max_steps=28",
    ],
}
SHARDED = ["trainer=fsdp", "trainer.accelerator=cpu", "trainer.devices=2"]


class Compared(NamedTuple):
    """A case as one process trains it, and as two with sharded weights do."""

    alone: Recorded
    sharded: Recorded


def require_same(compared: Compared) -> None:
    alone, sharded = compared
    assert len(alone.losses) == 56
    torch.testing.assert_close(torch.tensor(sharded.losses), torch.tensor(alone.losses), rtol=1e-4, atol=0)
    assert sharded.weights.keys() == alone.weights.keys()
    for key, weight in alone.weights.items():
        torch.testing.assert_close(sharded.weights[key], weight, rtol=1e-3, atol=1e-5)


@pytest.fixture(scope="module")
def common(tiny: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return [*tiny, *COMMON, f"data.cache_dir={tmp_path_factory.mktemp('cache')}"]


@pytest.fixture(scope="module")
def lstm(common: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Compared]:
    """A run with averaged weights, and the same resumed from a checkpoint of the sharded run."""
    folder = tmp_path_factory.mktemp("sharding")
    settings = [*common, *LSTM]
    checkpoint = str(folder / "sharded" / "whole" / "checkpoints" / "resume-00000040.ckpt")
    cases = [Case("whole", [*settings, *SHARDED]), Case("resumed", [*settings, *SHARDED], checkpoint)]
    sharded = train_on_ranks(cases, folder / "sharded", ranks=2)
    alone = [train_case(Case(case.name, settings, case.resume), folder / "alone") for case in cases]
    return {case.name: Compared(one, sharded[case.name]) for case, one in zip(cases, alone, strict=True)}


@pytest.mark.exhaustive
def test_losses_and_weights_are_those_of_one_process(lstm: dict[str, Compared]) -> None:
    require_same(lstm["whole"])


@pytest.mark.exhaustive
def test_a_checkpoint_is_resumed_with_sharded_weights_and_on_one_process(lstm: dict[str, Compared]) -> None:
    uninterrupted = lstm["whole"].sharded
    losses = torch.tensor(uninterrupted.losses[40:])
    alone, sharded = lstm["resumed"]
    assert torch.equal(torch.tensor(sharded.losses), losses)
    assert all(torch.equal(sharded.weights[key], weight) for key, weight in uninterrupted.weights.items())
    torch.testing.assert_close(torch.tensor(alone.losses), losses, rtol=1e-4, atol=0)


@pytest.mark.exhaustive
def test_other_models_optimizers_and_averages_are_the_same_too(common: list[str], tmp_path: Path) -> None:
    cases = [Case(name, [*common, *settings, *SHARDED]) for name, settings in OTHERS.items()]
    dropped = Case("dropped", [*common, *SHARDED, "model=awd_lstm", "model.last_hidden=8", "averaging=none"])
    sharded = train_on_ranks([*cases, dropped], tmp_path / "sharded", ranks=2)
    for name, settings in OTHERS.items():
        alone = train_case(Case(name, [*common, *settings]), tmp_path / "alone")
        require_same(Compared(alone, sharded[name]))
    assert torch.tensor(sharded["dropped"].losses).isfinite().all()


def test_a_model_that_is_not_sharded_is_left_alone() -> None:
    layer = nn.Linear(2, 3)
    release_weights(layer)
    assert not is_sharded(layer)
    assert whole(layer.weight) is layer.weight
    assert part_of(7, layer.weight) == 7
    copied = nn.Linear(2, 3)
    load_whole_state_dict(copied, whole_state_dict(layer))
    assert torch.equal(copied.weight, layer.weight)

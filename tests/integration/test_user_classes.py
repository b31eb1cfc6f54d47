"""An optimizer and a schedule of the user's own, from a module beside the run and files in a --config-dir."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

from tests.conftest import EXHAUSTIVE, Outcome

MODULE = """
import torch
from torch.optim.lr_scheduler import LambdaLR


class Sign(torch.optim.Optimizer):
    def __init__(self, params, lr, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})

    def step(self, closure=None):
        with torch.enable_grad():
            loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for weight in group["params"]:
                    if weight.grad is not None:
                        weight.mul_(1 - group["lr"] * group["weight_decay"]).sub_(weight.grad.sign(), alpha=group["lr"])
        return loss


class Halving(LambdaLR):
    def __init__(self, optimizer, steps):
        super().__init__(optimizer, lambda step: 0.5 ** (step // steps))
"""


@pytest.fixture
def arguments(tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of a run with both, whose module is in the working directory."""
    (tmp_path / "my_training.py").write_text(MODULE)
    for group, settings in {
        "optim/sign": {"_target_": "my_training.Sign", "lr": 0.002, "weight_decay": 0.1},
        "schedule/halving": {"_target_": "my_training.Halving", "steps": 20},
    }.items():
        file = tmp_path / "my_conf" / f"{group}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(settings))
    monkeypatch.syspath_prepend(tmp_path)
    return ["--config-dir", "my_conf", *tiny, "optim=sign", "schedule=halving", "run_dir=run", "data.cache_dir=cache"]


def test_a_run_trains_with_both_and_resumes(
    command: Callable[..., Outcome], arguments: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *arguments, "trainer.max_epochs=1", "callbacks.resume.every_n_steps=30")
    assert outcome.code == 0, outcome.err
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["validation_perplexity"] < metrics["uniform_perplexity"]
    checkpoint = sorted((tmp_path / "run" / "checkpoints").glob("resume-*.ckpt"))[-1]
    saved = torch.load(checkpoint, weights_only=True)
    (optimizer,) = saved["optimizer_states"]
    weights, biases = optimizer["param_groups"]
    assert (weights["weight_decay"], biases["weight_decay"]) == (0.1, 0)
    assert weights["lr"] == pytest.approx(0.002 * 0.5 ** (saved["global_step"] // 20))
    again = command("train", *arguments, "resume=run", "trainer.max_epochs=2", "callbacks.resume.every_n_steps=30")
    assert again.code == 0, again.err
    assert f"Resuming after step {saved['global_step']}" in again.out


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("optim._target_=my_training.Halving", "optim._target_=my_training.Halving: not a subclass of torch.optim."),
        pytest.param(
            "schedule._target_=my_training.Sign",
            "schedule._target_=my_training.Sign: not a subclass of torch.optim.lr",
            marks=EXHAUSTIVE,
        ),
        ("+optim.momentum=0.9", "optim: Sign cannot be constructed (TypeError: "),
        pytest.param("optim._target_=no_such_module.Sign", "is its folder on PYTHONPATH?", marks=EXHAUSTIVE),
    ],
)
def test_what_cannot_be_used_is_reported_in_one_line_and_nothing_is_trained(
    command: Callable[..., Outcome], arguments: list[str], tmp_path: Path, setting: str, message: str
) -> None:
    outcome = command("train", *arguments, setting)
    assert outcome.code == 2
    (line,) = outcome.err.strip().splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert not list((tmp_path / "run").rglob("*.ckpt"))

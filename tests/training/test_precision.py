"""What trainer.precision=auto stands for, and what bfloat16 costs where there is one."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from halo.config import TrainConfig, parse
from halo.runtime.errors import InputError
from halo.training import precision
from halo.training.precision import bfloat16_speedup, precision_of
from tests.conftest import compose_config
from tests.support.fitting import fit_module

NO_BFLOAT16 = "this processor does not support bfloat16"


class Machine(NamedTuple):
    gpu: bool
    has_bfloat16: bool
    speedup: float = 1.0

    def pretend(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.accelerator, "is_available", lambda: self.gpu)
        name = "_accelerator_has_bfloat16" if self.gpu else "_cpu_has_bfloat16"
        monkeypatch.setattr(precision, name, lambda: self.has_bfloat16)
        monkeypatch.setattr(precision, "bfloat16_speedup", lambda: self.speedup)


@pytest.mark.parametrize(
    ("machine", "accelerator", "expected"),
    [
        (Machine(gpu=False, has_bfloat16=True, speedup=2.2), "auto", "bf16-mixed"),
        (Machine(gpu=False, has_bfloat16=True, speedup=0.2), "cpu", "32-true"),
        (Machine(gpu=False, has_bfloat16=False, speedup=2.2), "auto", "32-true"),
        (Machine(gpu=True, has_bfloat16=True, speedup=0.2), "auto", "bf16-mixed"),
        (Machine(gpu=True, has_bfloat16=False, speedup=2.2), "gpu", "32-true"),
    ],
)
def test_auto_is_bfloat16_where_it_pays(
    machine: Machine, accelerator: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.pretend(monkeypatch)
    assert precision_of("auto", accelerator) == expected


def test_what_is_named_is_kept_and_what_a_processor_has_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine(gpu=False, has_bfloat16=False).pretend(monkeypatch)
    assert precision_of("64-true", "cpu") == "64-true"
    assert precision_of(None, "auto") is None
    with pytest.raises(InputError, match=rf"trainer\.precision=bf16-mixed: {NO_BFLOAT16}; use 32-true or auto"):
        precision_of("bf16-mixed", "cpu")


@pytest.mark.slow
def test_the_speedup_is_that_of_a_machine() -> None:
    assert bfloat16_speedup() > 0


@pytest.mark.skipif(not precision._cpu_has_bfloat16(), reason=NO_BFLOAT16)
def test_training_in_bfloat16_costs_little(tiny: list[str], tmp_path: Path) -> None:
    settings = [*tiny, f"run_dir={tmp_path}", "model.mogrifier_rounds=0", "model.layers=2", "optim.lr=0.02"]
    config = parse(compose_config("train", settings), TrainConfig)
    found = []
    for name in ("32-true", "bf16-mixed"):
        fitted = fit_module(config, precision=name, max_epochs=4)
        found.append(fitted.trainer.callback_metrics["val/perplexity"].item())
    assert found[1] == pytest.approx(found[0], rel=0.02)
    assert found[1] != found[0]

"""A step with explicit state predicts as the model does, also when torch.export has recorded it."""

import io
from typing import Any

import pytest
import torch

from halo.exporting.portable.state import state_of
from halo.exporting.step_module import StepModule, export_step
from tests.support.exported import CASES, IDS, expected, plain_model


@torch.no_grad()
def run(step: Any, case: str, batch_size: int) -> torch.Tensor:
    state = [tensor.zeros(batch_size) for tensor in state_of(plain_model(case))]
    parts = []
    for ids_B in torch.from_numpy(IDS[:batch_size]).unbind(1):
        log_probabilities_BV, state = step(ids_B, state)
        parts.append(log_probabilities_BV)
    return torch.stack(parts, dim=1)


@pytest.mark.parametrize("case", CASES)
def test_steps_predict_as_the_model_does(case: str) -> None:
    torch.testing.assert_close(run(StepModule(plain_model(case)), case, 3), expected(case), atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_a_recorded_step_is_loaded_for_any_number_of_texts() -> None:
    file = io.BytesIO()
    torch.export.save(export_step(plain_model("gru")), file)
    file.seek(0)
    step = torch.export.load(file).module()
    for batch_size in (1, 3):
        log_probabilities = run(step, "gru", batch_size)
        torch.testing.assert_close(log_probabilities, expected("gru")[:batch_size], atol=1e-5, rtol=1e-5)

"""The metric against ten lines of arithmetic, and beyond what a float32 could count."""

import math

import pytest
import torch

from halo.training.metrics import MeanNLL


def test_it_is_the_sum_of_nats_over_the_count_of_tokens() -> None:
    windows = [(12.5, 4), (0.25, 1), (90.0, 20)]
    metric = MeanNLL()
    for nll, tokens in windows:
        metric.update(torch.tensor(nll), torch.tensor(tokens))
    expected = sum(nll for nll, _ in windows) / sum(tokens for _, tokens in windows)
    assert metric.compute().item() == pytest.approx(expected, rel=1e-12)


def test_it_counts_beyond_the_reach_of_float32() -> None:
    metric = MeanNLL()
    metric.update(torch.tensor(float(2**25)), torch.tensor(2**25))
    metric.update(torch.tensor(1.0), torch.tensor(1))
    assert metric.num_tokens.item() == 2**25 + 1
    assert metric.total_nll.item() == 2.0**25 + 1


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
def test_a_reset_forgets_everything() -> None:
    metric = MeanNLL()
    metric.update(torch.tensor(1.0), torch.tensor(1))
    metric.reset()
    assert not metric.update_called
    assert math.isnan(metric.compute().item())


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_it_keeps_its_precision_when_the_module_is_converted(dtype: torch.dtype) -> None:
    metric = MeanNLL().to(dtype)
    metric.reset()
    assert metric.total_nll.dtype == torch.float64
    assert metric.num_tokens.dtype == torch.int64

"""Versions and hardware are recorded as text."""

import torch

from halo.reports.run_page.environment import describe_environment


def test_what_a_run_used_is_described() -> None:
    found = describe_environment(torch.device("cpu"))
    assert found["PyTorch"] == torch.__version__
    assert found["processor"]
    assert found["device"] == "cpu"
    assert all(isinstance(value, str) for value in found.values())

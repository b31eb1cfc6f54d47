"""Random number generators repeat what they drew after their states were saved."""

import random
from pathlib import Path

import numpy as np
import torch

from halo.training.resume.random_states import random_states, set_random_states

CPU = torch.device("cpu")


def draw() -> tuple[float, float, float]:
    return random.random(), float(np.random.standard_normal()), torch.randn(()).item()


def test_restored_generators_draw_the_same_again() -> None:
    draw()  # NumPy keeps the second of two normal numbers for later
    states = random_states(CPU)
    first = [draw() for _ in range(3)]
    set_random_states(states, CPU)
    assert [draw() for _ in range(3)] == first


def test_the_states_are_plain_data(tmp_path: Path) -> None:
    states = random_states(CPU)
    expected = draw()
    torch.save(states, tmp_path / "states.pt")
    draw()
    set_random_states(torch.load(tmp_path / "states.pt", weights_only=True), CPU)
    assert draw() == expected

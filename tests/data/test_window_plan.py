"""Window lengths: they add up, they are known beforehand, and random ones are those of the paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.data.streams import StreamLoader
from halo.data.window_plan import WindowPlan


def test_windows_of_one_length() -> None:
    plan = WindowPlan(10, sequence_length=4, seed=None)
    assert plan.lengths(0) == plan.lengths(1) == [4, 4, 2]
    assert WindowPlan(8, sequence_length=4, seed=None).lengths(0) == [4, 4]
    assert WindowPlan(3, sequence_length=4, seed=None).lengths(0) == [3]


@given(st.integers(1, 400), st.integers(10, 70), st.integers(0, 2**32 - 1), st.integers(0, 99))
def test_random_windows_add_up_in_every_epoch(num_tokens: int, sequence_length: int, seed: int, epoch: int) -> None:
    plan = WindowPlan(num_tokens, sequence_length=sequence_length, seed=seed)
    first, lengths = plan.lengths(0), plan.lengths(epoch)
    assert sum(lengths) == num_tokens
    assert len(lengths) == len(plan)
    assert sorted(lengths) == sorted(first)
    assert min(lengths) >= min(5, num_tokens)


def test_seed_and_epoch_decide() -> None:
    def lengths(seed: int, epoch: int) -> list[int]:
        return WindowPlan(3_000, sequence_length=30, seed=seed).lengths(epoch)

    assert lengths(1, 0) == lengths(1, 0)
    assert lengths(1, 0) != lengths(1, 1)
    assert lengths(1, 0) != lengths(2, 0)


def test_random_lengths_are_distributed_as_in_the_paper() -> None:
    lengths = np.array(WindowPlan(2_000_000, sequence_length=70, seed=0).lengths(0))
    short = lengths < 52
    assert short.mean() == pytest.approx(0.05, abs=0.005)
    assert lengths[~short].mean() == pytest.approx(69.5, abs=0.2)  # whole numbers, rounded down
    assert lengths[~short].std() == pytest.approx(5, abs=0.15)
    assert lengths[short].mean() == pytest.approx(34.5, abs=0.6)


def test_ranks_read_the_same_windows_and_every_token_once() -> None:
    ids = np.arange(1_000, dtype=np.uint16)
    seen: list[int] = []
    shapes = []
    for rank in range(2):
        part = StreamLoader(
            ids,
            eos_id=999,
            batch_size=4,
            sequence_length=10,
            length_seed=3,
            current_epoch=lambda: 2,
            rank=rank,
            world_size=2,
        )
        windows = list(part)
        assert len(windows) == len(part)
        shapes.append([(window.inputs_BT.size(1), window.num_targets) for window in windows])
        seen += [int(target) for window in windows for target in window.targets_BT.flatten()]
        for window in windows:
            assert window.learning_rate_factor == window.inputs_BT.size(1) / 10
    assert shapes[0] == shapes[1]
    assert len({length for length, _ in shapes[0]}) > 3
    assert sorted(seen) == list(range(1_000))

"""Folding: drawn literally, every id once, the same streams on any number of ranks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from halo.data.streams import IGNORED, StreamLoader
from halo.runtime.errors import InputError

EOS = 99


def loader(num_ids: int, *, streams: int, window: int, rank: int = 0, world_size: int = 1) -> StreamLoader:
    ids = np.arange(num_ids, dtype=np.uint16)
    return StreamLoader(ids, eos_id=EOS, batch_size=streams, sequence_length=window, rank=rank, world_size=world_size)


def test_ten_ids_in_three_streams_of_windows_of_two() -> None:
    first, second = loader(10, streams=3, window=2)
    assert first.inputs_BT.tolist() == [[EOS, 0], [2, 3], [5, 6]]
    assert first.targets_BT.tolist() == [[0, 1], [3, 4], [6, 7]]
    assert first.num_targets == 6
    assert second.inputs_BT.tolist() == [[1, 1], [4, 4], [7, 8]]
    assert second.targets_BT.tolist() == [[2, IGNORED], [5, IGNORED], [8, 9]]
    assert second.num_targets == 4


@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 9), st.integers(1, 4))
def test_every_id_is_a_target_once_over_all_ranks(num_ids: int, streams: int, window: int, ranks: int) -> None:
    streams = max(min(streams, num_ids), ranks)
    if num_ids < streams:
        return
    seen: list[int] = []
    counts = []
    for rank in range(ranks):
        part = loader(num_ids, streams=streams, window=window, rank=rank, world_size=ranks)
        windows = list(part)
        assert len(windows) == len(part)
        counts.append([each.num_targets for each in windows])
        for each in windows:
            inside = each.targets_BT != IGNORED
            seen += each.targets_BT[inside].tolist()
            before = torch.where(each.targets_BT == 0, EOS, each.targets_BT - 1)
            assert torch.equal(each.inputs_BT[inside], before[inside])
    assert sorted(seen) == list(range(num_ids))
    assert all(each == counts[0] for each in counts)  # the global count, the same on each rank
    assert sum(counts[0]) == num_ids


def test_ranks_together_read_the_streams_of_one_process() -> None:
    whole = list(loader(50, streams=5, window=4))
    parts = [list(loader(50, streams=5, window=4, rank=rank, world_size=2)) for rank in range(2)]
    for step, window in enumerate(whole):
        together = torch.cat([part[step].targets_BT for part in parts])
        assert torch.equal(together, window.targets_BT)


def test_a_second_pass_is_the_first_again_even_after_a_pass_was_left() -> None:
    some = loader(20, streams=2, window=3)
    next(iter(some))
    assert [w.targets_BT.tolist() for w in some] == [w.targets_BT.tolist() for w in some]


def test_ids_beyond_16_bits_keep_their_value() -> None:
    ids = np.array([70_000, 3, 70_001, 5], dtype=np.uint32)
    (window,) = StreamLoader(ids, eos_id=1, batch_size=1, sequence_length=4)
    assert window.targets_BT.tolist() == [[70_000, 3, 70_001, 5]]
    assert window.targets_BT.dtype == torch.int64


def test_too_little_text_and_too_many_devices_are_refused() -> None:
    with pytest.raises(InputError, match="2 tokens cannot fill 3 streams"):
        loader(2, streams=3, window=2)
    with pytest.raises(InputError, match="2 streams for 4 devices"):
        loader(20, streams=2, window=2, world_size=4)

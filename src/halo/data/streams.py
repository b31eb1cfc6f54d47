"""Folds token ids into parallel contiguous streams and cuts them into windows.

The ids of a text are split into S contiguous streams that are read in parallel, so that a recurrent state can be
carried along every stream from window to window. Ten ids in S = 3 streams and windows of T = 2 (`.` is `<eos>`, the
first input of every text; `_` is a target that is ignored):

    ids      a b c d e f g h i j

               window 1        window 2
             inputs targets  inputs targets
    stream 1  . a     a b     b c     c d
    stream 2  d e     e f     f _     g _
    stream 3  g h     h i     i _     j _

Every id is a target exactly once. The lengths of the streams differ by at most one, so only the last window has ignored
targets. On several ranks each rank takes its share of the same streams: gradients and metrics do not depend on the
number of devices.

Shape letters: B streams of this rank, T tokens of a window.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from halo.data.window_plan import WindowPlan
from halo.runtime.errors import InputError

IGNORED = -100
"""The target id that `torch.nn.functional.cross_entropy` ignores."""


class Window(NamedTuple):
    """Holds a batch: T consecutive tokens of B streams.

    Attributes:
        inputs_BT: Token ids, int64.
        targets_BT: The ids that follow the inputs, int64; `IGNORED` where there is none.
        num_targets: The number of targets that are not ignored, over the streams of all ranks.
        learning_rate_factor: The learning rate of a step on this window is multiplied by this: 1 for windows of a
            fixed length; for random lengths, the length of this window divided by `sequence_length`.
    """

    inputs_BT: Tensor
    targets_BT: Tensor
    num_targets: int
    learning_rate_factor: float


class StreamLoader:
    """Yields the windows of one pass over a text, in order; each iteration is a new pass.

    `state_dict` holds the index of the window that was yielded last, and the next pass after `load_state_dict` starts
    with that window: a resume checkpoint is written before the step on a window, and the resumed run repeats it.

    This is not a `torch.utils.data.DataLoader`: slicing an array is faster than receiving windows from worker
    processes, and under a distributed strategy Lightning would replace the sampler of a `DataLoader`.

    Args:
        ids: Token ids of any unsigned integer type, possibly memory-mapped; shape (num_tokens,).
        eos_id: The id of `<eos>`, the first input.
        batch_size: Number of parallel streams over all ranks.
        sequence_length: Window length T; the last window of a pass may be shorter.
        length_seed: Seed of random window lengths around `sequence_length`, as drawn by `WindowPlan`; None for a fixed
            length.
        current_epoch: Returns the epoch of a pass when it starts; windows of random length are reordered every epoch.
        rank: Index of this process.
        world_size: Number of processes.

    Attributes:
        own_streams: The indices of the streams of this process.
        num_streams: Their number over all ranks.

    Raises:
        InputError: The text is too short for its streams, or there are fewer streams than ranks.
    """

    def __init__(
        self,
        ids: npt.NDArray[np.unsignedinteger],
        *,
        eos_id: int,
        batch_size: int,
        sequence_length: int,
        length_seed: int | None = None,
        current_epoch: Callable[[], int] = lambda: 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if len(ids) < batch_size:
            raise InputError(f"a text of {len(ids)} tokens cannot fill {batch_size} streams; lower the batch size")
        if batch_size < world_size:
            raise InputError(f"{batch_size} streams for {world_size} devices: at least one stream per device is needed")
        self._ids = ids
        self._eos_id = eos_id
        self._current_epoch = current_epoch
        self._sequence_length = sequence_length
        self._has_random_lengths = length_seed is not None
        self._bounds = np.arange(batch_size + 1) * len(ids) // batch_size
        longest_stream = int(np.diff(self._bounds).max())
        self._plan = WindowPlan(longest_stream, sequence_length=sequence_length, seed=length_seed)
        own_streams = np.array_split(np.arange(batch_size), world_size)[rank]
        self.own_streams, self.num_streams = range(own_streams[0], own_streams[-1] + 1), batch_size
        self._starts_B, self._ends_B = self._bounds[own_streams], self._bounds[own_streams + 1]
        self._window_index = self._first_index = 0

    def __len__(self) -> int:
        """Returns the number of windows in a pass, the same on every rank."""
        return len(self._plan)

    def __iter__(self) -> Iterator[Window]:
        # Reset here: Lightning may stop asking before code after the last `yield` runs.
        first_index, self._first_index = self._first_index, 0
        lengths = self._plan.lengths(self._current_epoch())
        first = sum(lengths[:first_index])
        for index in range(first_index, len(lengths)):
            self._window_index = index
            yield self._window(first, first + lengths[index])
            first += lengths[index]

    def state_dict(self) -> dict[str, Any]:
        """Returns the index of the window that was yielded last, counted from 0."""
        return {"window": self._window_index}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Makes the next pass, and only that one, start with the window of `state_dict`."""
        self._first_index = state_dict["window"]

    def _window(self, first: int, last: int) -> Window:
        positions_BT = self._starts_B[:, None] + np.arange(first, last)
        inside_BT = positions_BT < self._ends_B[:, None]
        positions_BT = np.where(inside_BT, positions_BT, self._ends_B[:, None] - 1)
        targets_BT = np.where(inside_BT, self._ids[positions_BT].astype(np.int64), IGNORED)
        inputs_BT = np.where(positions_BT > 0, self._ids[positions_BT - 1].astype(np.int64), self._eos_id)
        num_targets = int(np.clip(np.diff(self._bounds), first, last).sum() - first * (len(self._bounds) - 1))
        factor = (last - first) / self._sequence_length if self._has_random_lengths else 1.0
        return Window(torch.from_numpy(inputs_BT), torch.from_numpy(targets_BT), num_targets, factor)

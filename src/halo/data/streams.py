"""Ids -> parallel contiguous streams -> windows.

A text of token ids is folded into S streams that are read side by side, each from where the one before it ends, so that
a recurrent state can be carried along every stream from window to window. Ten ids in S = 3 streams, windows of T = 2
(`.` is `<eos>`, with which every text begins; `_` is a target that is not counted):

    ids      a b c d e f g h i j

               window 1        window 2
             inputs targets  inputs targets
    stream 1  . a     a b     b c     c d
    stream 2  d e     e f     f _     g _
    stream 3  g h     h i     i _     j _

Every id is a target exactly once. Streams differ by at most one id in length, so only the last window has targets that
are not counted. On several ranks each takes its share of the same streams: what is learned and measured does not
depend on how many devices there are.

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
"""The target id that `torch.nn.functional.cross_entropy` leaves out of loss and count."""


class Window(NamedTuple):
    """A batch: T consecutive tokens of B streams.

    Attributes:
        inputs_BT: Token ids, int64.
        targets_BT: The ids that follow the inputs, int64; `IGNORED` where there is none.
        num_targets: How many targets count, over the streams of all ranks.
        learning_rate_factor: What the learning rate of a step on this window is multiplied by: 1, and where windows
            have random lengths, this one's length over the usual one.
    """

    inputs_BT: Tensor
    targets_BT: Tensor
    num_targets: int
    learning_rate_factor: float


class StreamLoader:
    """The windows of one pass over a text, in order; iterating again starts again.

    `state_dict` says which window was given out last, and a pass that begins after `load_state_dict` begins with that
    one: a training loop takes its state before it learns from a window, and is continued with it.

    This is no `torch.utils.data.DataLoader`: a text is sliced faster than worker processes could send it, and Lightning
    leaves other iterables alone, where it would shuffle a `DataLoader` under a distributed strategy.

    Args:
        ids: The token ids of the text, any unsigned integer type, possibly memory-mapped; shape (num_tokens,).
        eos_id: The id of `<eos>`, the first input.
        batch_size: Number of parallel streams over all ranks.
        sequence_length: Window length T; the last window of a pass may be shorter.
        length_seed: Seed of windows of random lengths about `sequence_length`, as `WindowPlan` draws them; None
            for windows of one length.
        current_epoch: Returns which epoch a pass belongs to, when it begins; random windows have an order for each.
        rank: Which of the `world_size` processes this is.
        world_size: Number of processes.

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
            raise InputError(f"a text of {len(ids)} tokens cannot fill {batch_size} streams; lower their number")
        if batch_size < world_size:
            raise InputError(f"{batch_size} streams for {world_size} devices: at least one stream a device is needed")
        self._ids = ids
        self._end_id = eos_id
        self._current_epoch = current_epoch
        self._usual_tokens = sequence_length if length_seed is not None else None
        self._bounds = np.arange(batch_size + 1) * len(ids) // batch_size
        longest = int(np.diff(self._bounds).max())
        self._plan = WindowPlan(longest, sequence_length=sequence_length, seed=length_seed)
        mine = np.array_split(np.arange(batch_size), world_size)[rank]
        self._starts_B, self._ends_B = self._bounds[mine], self._bounds[mine + 1]
        self._window_index = self._first_index = 0

    def __len__(self) -> int:
        """The number of windows, the same on every rank."""
        return len(self._plan)

    def __iter__(self) -> Iterator[Window]:
        begin, self._first_index = self._first_index, 0
        lengths = self._plan.lengths(self._current_epoch())
        first = sum(lengths[:begin])
        for index in range(begin, len(lengths)):
            self._window_index = index
            yield self._window(first, first + lengths[index])
            first += lengths[index]

    def state_dict(self) -> dict[str, Any]:
        """Returns the place of the window that was given out last, from 0."""
        return {"window": self._window_index}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Lets the next pass, and only that, begin with the window of `state_dict`."""
        self._first_index = state_dict["window"]

    def _window(self, first: int, last: int) -> Window:
        places_BT = self._starts_B[:, None] + np.arange(first, last)
        inside_BT = places_BT < self._ends_B[:, None]
        places_BT = np.where(inside_BT, places_BT, self._ends_B[:, None] - 1)
        targets_BT = np.where(inside_BT, self._ids[places_BT].astype(np.int64), IGNORED)
        inputs_BT = np.where(places_BT > 0, self._ids[places_BT - 1].astype(np.int64), self._end_id)
        num_targets = int(np.clip(np.diff(self._bounds), first, last).sum() - first * (len(self._bounds) - 1))
        factor = 1.0 if self._usual_tokens is None else (last - first) / self._usual_tokens
        return Window(torch.from_numpy(inputs_BT), torch.from_numpy(targets_BT), num_targets, factor)

"""Gathers the carried state of all processes, and redistributes it when their number changes."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from halo.models.language_model import State


def gather_from_ranks(own: Any, world_size: int) -> list[Any]:
    """Returns the objects of all processes, in the order of their ranks.

    Args:
        own: The object of this process.
        world_size: The number of processes.
    """
    if world_size == 1:
        return [own]
    gathered: list[Any] = [None] * world_size
    dist.all_gather_object(gathered, own)
    return gathered


def redistribute_streams(carry_states: list[dict[str, Any]], *, world_size: int, rank: int) -> dict[str, Any]:
    """Returns the part of the carried state that belongs to a process.

    The streams of all processes, in the order of their ranks, are the streams of the run, so they can be split between
    any number of processes. The metric totals go to rank 0.

    Args:
        carry_states: The result of `LanguageModelModule.carry_state` of each process that wrote the checkpoint.
        world_size: The number of processes now.
        rank: The rank of this process.
    """
    if len(carry_states) == world_size:
        return carry_states[rank]
    states = [each["state"] for each in carry_states]
    totals = {name: sum(each[name] for each in carry_states) for name in ("total_nll", "num_tokens")}
    own_totals = totals if rank == 0 else {name: type(value)(0) for name, value in totals.items()}
    if states[0] is None:
        return {"state": None, **own_totals}

    def own_streams(parts: tuple[Tensor, ...]) -> Tensor:
        return torch.cat(parts).tensor_split(world_size)[rank]

    layers = zip(*states, strict=True)
    state: State = [tuple(own_streams(parts) for parts in zip(*layer, strict=True)) for layer in layers]
    return {"state": state, **own_totals}

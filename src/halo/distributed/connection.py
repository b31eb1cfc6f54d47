"""Connects the processes of a run at its start, and checks that they do the same.

Lightning connects them when training starts. By then each has prepared the text and built the model, and processes
that cannot reach each other or do different things would wait for half an hour, or train what nobody has asked for.
"""

import atexit
import contextlib
import hashlib
import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.rendezvous import rendezvous

from halo.runtime.errors import InputError, UnreachableError, counted, reason, require
from halo.runtime.process_ranks import leave_process_group, process_group

CONNECT_TIMEOUT = timedelta(minutes=5)
"""How long a process waits for the others to start."""

REPORT_TIMEOUT = timedelta(seconds=30)
"""How long a process that has failed tries to tell the first one."""

PREPARE_TIMEOUT = timedelta(minutes=30)
"""How long it waits for a machine that prepares the text on a disk of its own."""

STEP_TIMEOUT = timedelta(minutes=10)
"""How long it waits in training, where the others may write a checkpoint or have lost their network."""

OF_THE_MACHINE = ("run_dir", "data.cache_dir")
"""Settings that may name other folders on each machine; so may the values that contain the first."""


def connect(settings: Mapping[str, Any], *, rank: int, world_size: int, backend: str, device: torch.device) -> None:
    """Connects this process with the others of the run.

    Args:
        settings: All settings of the run as plain data.
        rank: The index of this process among all.
        world_size: The number of processes.
        backend: What processes communicate with: gloo or nccl.
        device: The device of this process.

    Raises:
        InputError: A process has other settings, another version of the code or another kind of device.
        UnreachableError: This process cannot reach the others.
    """
    has_nccl = "nccl" not in backend or dist.is_nccl_available()
    require(
        has_nccl, "trainer.accelerator", "gpu", "this torch has no NCCL, which connects GPUs; install one with CUDA"
    )
    address = f"{os.environ.get('MASTER_ADDR', '127.0.0.1')}:{os.environ.get('MASTER_PORT', '')}"
    began = time.monotonic()
    try:
        store, _, _ = next(rendezvous("env://", rank=rank, world_size=world_size, timeout=CONNECT_TIMEOUT))
        problem = _compare(store, _description(settings, device), rank=rank, world_size=world_size)
    except (RuntimeError, OSError, ValueError) as error:
        raise _unreachable(error, rank, world_size, address, seconds=time.monotonic() - began) from error
    if problem:
        raise InputError(problem)
    device_id = None if device.type == "cpu" else device
    try:
        dist.init_process_group(
            backend, store=store, rank=rank, world_size=world_size, timeout=PREPARE_TIMEOUT, device_id=device_id
        )
    except RuntimeError as error:
        variable = "NCCL_SOCKET_IFNAME" if "nccl" in backend else "GLOO_SOCKET_IFNAME"
        raise UnreachableError(
            f"process {rank} on {socket.gethostname()} cannot exchange data with the others ({reason(error)}); set "
            f"{variable} to the network interface that connects the machines, as `ip address` lists them"
        ) from error
    atexit.register(leave_process_group)


@contextlib.contextmanager
def reported_to_first() -> Iterator[None]:
    """Tells the first process of an error that ends another one before they are connected.

    The first may be waiting for this process. If it has failed too, with the same error, it does not listen.
    """
    try:
        yield
    except Exception as error:
        rank, size = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
        if rank != "0" and size.isdecimal() and process_group() is None and not isinstance(error, UnreachableError):
            with contextlib.suppress(RuntimeError, OSError, ValueError, KeyError):
                found = rendezvous("env://", rank=int(rank), world_size=int(size), timeout=REPORT_TIMEOUT)
                own = {"host": socket.gethostname(), "error": reason(error)}
                next(found)[0].set(f"halo/process/{rank}", json.dumps(own))
        raise


def wait_until_prepared() -> None:
    """Waits until all connected processes have prepared the text; from then on they wait less long for each other."""
    group = process_group()
    if group is not None:
        group.barrier()
        group.distributed_c10d._set_pg_timeout(STEP_TIMEOUT)


def _unreachable(error: Exception, rank: int, world_size: int, address: str, *, seconds: float) -> UnreachableError:
    waited = counted(max(1, round(seconds)), "second")
    host = socket.gethostname()
    if joined := re.search(r"(\d+)/\d+ clients joined", str(error)):
        return UnreachableError(
            f"{counted(world_size - int(joined[1]), 'process', 'processes')} of {world_size} did not connect to "
            f"{address} within {waited}; start the command on every machine, and see that the port is open"
        )
    return UnreachableError(
        f"process {rank} on {host} cannot reach the first process at {address} (tried for {waited}); see that it runs, "
        "and that MASTER_ADDR and MASTER_PORT name its machine and an open port"
    )


def _description(settings: Mapping[str, Any], device: torch.device) -> dict[str, Any]:
    """Returns what has to be the same in all processes, and where this one runs."""
    run_dir = str(settings.get("run_dir"))
    same = {
        key: str(value) for key, value in _leaves(settings) if key not in OF_THE_MACHINE and run_dir not in str(value)
    }
    return {
        "host": socket.gethostname(),
        "device": device.type,
        "torch": torch.__version__,
        "source of halo": _source_hash(),
        "settings": same,
    }


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(tree, Mapping):
        yield path, tree
        return
    for key, child in tree.items():
        yield from _leaves(child, f"{path}.{key}" if path else str(key))


def _source_hash() -> str:
    """Returns a short hash of the package's source code."""
    source = hashlib.sha256()
    package = Path(__file__).parents[1]
    for file in sorted(package.rglob("*.py")):
        source.update(f"{file.relative_to(package)}\n".encode() + file.read_bytes())
    return source.hexdigest()[:8]


def _compare(store: Any, own: dict[str, Any], *, rank: int, world_size: int) -> str:
    """Returns how a process differs from the first one; an empty text if none does. The first compares them all."""
    if rank > 0:
        store.set(f"halo/process/{rank}", json.dumps(own))
        return str(store.get("halo/difference").decode())
    others = ((each, json.loads(store.get(f"halo/process/{each}"))) for each in range(1, world_size))
    differences = (_difference(own, other, other_rank) for other_rank, other in others)
    found = next(filter(None, differences), "")
    store.set("halo/difference", found)
    return found


def _difference(first: Mapping[str, Any], other: Mapping[str, Any], other_rank: int) -> str:
    """Returns in one line how another process differs from the first; an empty text if it does not."""
    here, there = f"process 0 on {first['host']}", f"process {other_rank} on {other['host']}"
    if "error" in other:
        return f"{there}: {other['error']}"
    for name in ("source of halo", "torch"):
        if first[name] != other[name]:
            return f"{name}: {first[name]} in {here}, {other[name]} in {there}; install the same version everywhere"
    if first["device"] != other["device"]:
        return (
            f"trainer.accelerator: {here} computes on {first['device']}, {there} on {other['device']}; use machines "
            "with the same devices, or trainer.accelerator=cpu"
        )
    before, after = first["settings"], other["settings"]
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            values = f"{before.get(key, 'not set')} in {here}, {after.get(key, 'not set')} in {there}"
            return f"{key}: {values}; start the same command everywhere"
    return ""

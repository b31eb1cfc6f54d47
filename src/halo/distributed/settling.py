"""Decides how many processes train, and makes the environment and the settings of the Trainer say so.

With one device a process trains alone. `devices: auto` is as many processes as torchrun or srun has started on each
machine, or without them as many as there are GPUs. Contradictions, with which processes would wait for each other in
vain, are refused.
"""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple

from halo.distributed.launchers import (
    ALONE,
    NUMBERS,
    OF_SLURM,
    Launcher,
    is_started_by_srun,
    launcher,
    number,
    remove,
    require_numbers,
    slurm_tasks,
    tasks_per_node,
    use_variables_of_torch,
)
from halo.runtime.errors import InputError, counted, reason, require
from halo.runtime.process_ranks import is_first_process, is_launched_by_first_process, process_group

log = logging.getLogger(__name__)

AUTO, SLURM = "auto", "slurm"
ALL = (AUTO, -1, "-1")

TRIAL = "HALO_TRIAL"
"""The environment variable of a trial of a sweep, whose worker starts it alone, whatever has started the worker."""


_notes: list[str] = []
"""What is to be logged: the ranks are settled before Hydra sets up the log."""


class Places(NamedTuple):
    """How many processes train.

    Attributes:
        devices: `trainer.devices`: their number on each machine, or which devices of a machine they use.
        num_nodes: The number of machines.
    """

    devices: Any
    num_nodes: int


def settle_ranks(trainer: Mapping[str, Any]) -> Places:
    """Decides whether this process trains alone or as one of several, and returns what the Trainer is to be given.

    Args:
        trainer: The settings of Lightning's Trainer.

    Raises:
        InputError: A variable is not a number, or a launcher has not started the processes that the settings ask for.
    """
    devices, num_nodes = trainer.get("devices", AUTO), trainer.get("num_nodes", 1)
    is_number = isinstance(num_nodes, int) and num_nodes >= 1
    allowed = "must be the number of machines, at least 1; auto: those on which torchrun or srun has started processes"
    require(is_number or num_nodes in (AUTO, SLURM), "trainer.num_nodes", num_nodes, allowed)
    allowed = "this is not a job of SLURM (no SLURM_JOB_ID); submit it with sbatch, or use trainer=gpu, ddp or cpu"
    require(num_nodes != SLURM or "SLURM_JOB_ID" in os.environ, "trainer.num_nodes", num_nodes, allowed)
    nodes = num_nodes if isinstance(num_nodes, int) else 1
    if is_launched_by_first_process():
        return Places(devices, nodes)
    if os.environ.get(TRIAL):
        remove(ALONE)
    if nodes == 1 and not any(name in os.environ for name in NUMBERS):
        return Places(devices, nodes)
    require_numbers()
    started = launcher()
    if started is None or (started.name == "srun" and started.num_processes == 1 and nodes == 1):
        return _without_launcher(trainer, nodes)
    if started.name == "mpirun":
        raise InputError(
            f"mpirun has started {counted(started.num_processes, 'process', 'processes')}, and cannot start those of a "
            "run; use torchrun or srun"
        )
    per_node = tasks_per_node(started)
    wanted = per_node if devices in ALL else num_devices(trainer)
    if wanted is None:
        return Places(devices, nodes)  # Lightning explains which values are allowed
    nodes = num_nodes if isinstance(num_nodes, int) else started.num_nodes
    _require_same_number(started, wanted, nodes)
    if is_started_by_srun():
        use_variables_of_torch(started)
        _require_free_port()
    return Places(per_node if devices in ALL else devices, nodes)


def settle_command(name: str) -> bool:
    """Decides what a process of a command that does not train does, and returns whether it is to do its work.

    Args:
        name: The command. `prepare` works in every process, since each machine may have a cache of its own, and each
            `sweep` is a worker. Of other commands only the first process works.

    Raises:
        InputError: A variable is not a number.
    """
    if is_launched_by_first_process() or not any(name in os.environ for name in NUMBERS):
        return True
    started = launcher()
    if name == "sweep" or started is None or started.num_processes == 1:
        remove(ALONE)
        return True
    if is_first_process():
        does = "works in each, and the first reports" if name == "prepare" else "works in the first; the others end"
        _notes.append(f"{started.name} has started {started.num_processes} processes: halo {name} {does}")
    return is_first_process() or name == "prepare"


def log_notes() -> None:
    """Logs what was found when the ranks were settled."""
    while _notes:
        log.warning(_notes.pop(0))


def num_devices(trainer: Mapping[str, Any]) -> int | None:
    """Returns the number of devices on each machine that settings of a Trainer ask for; None if they are wrong."""
    devices, accelerator = trainer.get("devices", 1), trainer.get("accelerator", "cpu")
    if isinstance(devices, str) and devices.replace(",", "").isdecimal():
        devices = [each for each in devices.split(",") if each] if "," in devices else int(devices)
    if devices in ALL:
        return 1 if accelerator in ("cpu", "mps") else _num_gpus()
    if isinstance(devices, int):
        return devices if devices > 0 else None
    return len(devices) or None if isinstance(devices, list | tuple) else None


def _num_gpus() -> int:
    import torch

    return max(1, torch.cuda.device_count())


def _without_launcher(trainer: Mapping[str, Any], num_nodes: int) -> Places:
    """Settles a process that is alone, launches the others itself, or was started by hand on each of several machines.

    A later run of the same process finds the variables that Lightning has set for the first one.
    """
    devices = trainer.get("devices", AUTO)
    tasks = slurm_tasks()
    if tasks > 1 and is_first_process():
        _notes.append(
            f"SLURM has given this job {tasks} tasks, but srun has not started this command: it trains on this machine "
            "only; `srun python -m halo.train ...` uses them all"
        )
    remove((*OF_SLURM, "SLURM_NPROCS", "SLURM_NTASKS_PER_NODE"))
    if process_group() is not None:
        return Places(devices, num_nodes)
    _require_other_nodes(num_nodes)
    wanted = num_devices(trainer)
    is_alone = wanted is not None and wanted * num_nodes == 1
    if is_alone or (num_nodes == 1 and "MASTER_PORT" not in os.environ):
        left = [f"{name}={os.environ[name]}" for name in ("RANK", "LOCAL_RANK") if os.environ.get(name, "0") != "0"]
        remove(ALONE)
        if left:
            _notes.append(
                f"{', '.join(left)} in the environment is ignored: no other process was started with this one"
            )
    if not is_alone:
        _require_free_port()
    return Places(devices, num_nodes)


def _require_other_nodes(num_nodes: int) -> None:
    missing = [name for name in ("NODE_RANK", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
    if num_nodes > 1 and missing:
        raise InputError(
            f"trainer.num_nodes={num_nodes}: the other machines are not known; start the command on each of them with "
            f"torchrun or srun, or set {', '.join(missing)} in the environment"
        )


def _require_same_number(started: Launcher, devices: int, num_nodes: int) -> None:
    """Raises `InputError` unless a launcher has started the processes that the settings ask for."""
    name, processes, nodes = started
    if processes != devices * num_nodes or nodes != num_nodes:
        on_nodes = f" on {nodes} machines" if nodes > 1 else ""
        tried = f"trainer.devices={devices} trainer.num_nodes={num_nodes}"
        raise InputError(
            f"{tried}: {name} has started {counted(processes, 'process', 'processes')}{on_nodes}; set both to auto, or "
            f"start {devices} on {'each of ' * (num_nodes > 1)}{counted(num_nodes, 'machine')}"
        )


def _require_free_port() -> None:
    """Raises `InputError` if the first process cannot listen where the others will look for it."""
    port = number("MASTER_PORT", 0)
    if not port or not is_first_process():
        return
    try:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as torch does
            listener.bind(("", port))
    except (OSError, OverflowError) as error:
        allowed = f"this port cannot be used ({reason(error)}); set this environment variable to a free port"
        raise InputError(f"MASTER_PORT={port}: {allowed}") from error

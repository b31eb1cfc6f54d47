"""Which of several training processes this one is, from the environment variables of the programs that launch them.

Several processes train one model if the settings ask for several devices. They are started by Lightning, as children of
the first one, or by torchrun or SLURM's srun. With one device, a process trains alone, whatever started it: four tasks
of `srun -n4` are then four runs. `settle_ranks` decides this once, and removes the variables of a process that trains
alone, so that neither halo nor Lightning takes it for one of several.
"""

import logging
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from halo.runtime.errors import InputError, reason, require

log = logging.getLogger(__name__)

FIRST_PROCESS = "HALO_FIRST_PROCESS"
"""The environment variable with the id of the process that launches others: their parent."""

OF_SLURM = ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_NTASKS", "SLURM_NTASKS_PER_NODE")
RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK")
OF_MPI = {"OMPI_COMM_WORLD_RANK": "OMPI_COMM_WORLD_SIZE", "PMI_RANK": "PMI_SIZE"}
ALONE = (*RANKS, *OF_SLURM, "WORLD_SIZE", "LOCAL_WORLD_SIZE", "JSM_NAMESPACE_RANK")
"""The variables that a process which trains alone must not see."""

NUMBERS = (*ALONE, "SLURM_NNODES", "MASTER_PORT", *OF_MPI.keys(), *OF_MPI.values())
"""The variables that have to be whole numbers."""

INTERACTIVE = ("bash", "interactive")
"""Names of SLURM jobs whose commands are typed by hand, as Lightning has them."""


class Launcher(NamedTuple):
    """A program that has started this process as one of several.

    Attributes:
        name: Its name.
        num_processes: How many it has started.
    """

    name: str
    num_processes: int


def is_first_process() -> bool:
    """Returns whether this is the first of the training processes, the one that prints messages and writes files."""
    return all(os.environ.get(name, "0") in ("0", "") for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID"))


def is_launched_by_first_process() -> bool:
    """Returns whether the first process has started this one, with its own command line and output folder."""
    return FIRST_PROCESS in os.environ and os.environ.get("LOCAL_RANK", "0") != "0"


def launcher() -> Launcher | None:
    """Returns the program outside halo that has started this process together with others; None if there is none."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return Launcher("torchrun", _number("WORLD_SIZE", 1))
    if "SLURM_NTASKS" in os.environ and os.environ.get("SLURM_JOB_NAME") not in INTERACTIVE:
        return Launcher("srun", _number("SLURM_NTASKS", 1))
    sizes = [_number(size, 1) for rank, size in OF_MPI.items() if rank in os.environ]
    return Launcher("mpirun", max(sizes)) if sizes else None


def settle_ranks(trainer: Mapping[str, Any]) -> None:
    """Decides whether this process trains alone, and makes the environment say so.

    Args:
        trainer: The settings of Lightning's Trainer; empty for a command that does not train.

    Raises:
        InputError: A variable is not a number, or a launcher has not started the processes that the settings ask for.
    """
    num_nodes = trainer.get("num_nodes", 1)
    if _process_group() is not None:  # an earlier run of this process has launched the others
        return
    if is_launched_by_first_process() or (num_nodes == 1 and not any(name in os.environ for name in NUMBERS)):
        return
    if not trainer:
        _remove(ALONE)
        return
    for name in NUMBERS:
        value = os.environ.get(name, "0")
        allowed = "must be a whole number, as launchers of several processes set it; unset this environment variable"
        require(value.isdecimal(), name, value, allowed)
    devices = num_devices(trainer)
    if devices is None or not isinstance(num_nodes, int):
        return  # Lightning explains which values are allowed
    started, given = launcher(), f"trainer.devices={trainer.get('devices', 1)}"
    if devices * num_nodes == 1:
        if started and started.name == "torchrun" and started.num_processes > 1:
            raise InputError(
                f"{given}: torchrun has started {started.num_processes} processes; "
                f"set trainer.devices={started.num_processes}, or start the command without torchrun"
            )
        _train_alone(started, given)
    elif started is None:
        _remove(OF_SLURM)  # of an interactive job
        _require_other_nodes(num_nodes)
        if "LOCAL_RANK" in os.environ and "MASTER_PORT" not in os.environ:
            _ignore_leftover()
        _require_free_port()
    elif started.num_processes == 1 and num_nodes == 1:
        _remove(ALONE)  # it launches the others itself
        _require_free_port()
    else:
        _require_same_number(started, devices, num_nodes)


def num_devices(trainer: Mapping[str, Any]) -> int | None:
    """Returns the number of devices on each machine that settings of a Trainer ask for; None if they are wrong."""
    devices, accelerator = trainer.get("devices", 1), trainer.get("accelerator", "cpu")
    if isinstance(devices, str) and devices.replace(",", "").isdecimal():
        devices = [each for each in devices.split(",") if each] if "," in devices else int(devices)
    if devices in ("auto", -1, "-1"):
        return 1 if accelerator in ("cpu", "mps") else _num_gpus()
    if isinstance(devices, int):
        return devices if devices > 0 else None
    return len(devices) or None if isinstance(devices, list | tuple) else None


def leave_process_group() -> None:
    """Ends the connection to the other processes, which would keep this one from launching new ones."""
    group = _process_group()
    if group is not None:
        group.destroy_process_group()


def _process_group() -> Any:
    """Returns `torch.distributed` if this process is connected to others through it; None if it is not."""
    distributed: Any = sys.modules.get("torch.distributed")  # a command that does not train has not imported it
    is_connected = distributed and distributed.is_available() and distributed.is_initialized()
    return distributed if is_connected else None


def _num_gpus() -> int:
    import torch

    return max(1, torch.cuda.device_count())


def _train_alone(started: Launcher | None, given: str) -> None:
    if started and started.num_processes > 1:
        if is_first_process():
            log.info("%s has started %d commands: with %s each is a run of its own", *started, given)
        _remove(ALONE)
    else:
        _ignore_leftover()


def _ignore_leftover() -> None:
    left = [f"{name}={os.environ[name]}" for name in ("RANK", "LOCAL_RANK") if os.environ.get(name, "0") != "0"]
    _remove(ALONE)
    if left:
        log.warning("%s in the environment is ignored: no other process was started with this one", ", ".join(left))


def _require_other_nodes(num_nodes: int) -> None:
    missing = [name for name in ("NODE_RANK", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
    if num_nodes > 1 and missing:
        raise InputError(
            f"trainer.num_nodes={num_nodes}: the other machines are not known; start the command on each of them with "
            f"torchrun or srun, or set {', '.join(missing)} in the environment"
        )


def _require_same_number(started: Launcher, devices: int, num_nodes: int) -> None:
    name, number = started
    given = f"trainer.devices={devices} trainer.num_nodes={num_nodes}"
    if name == "mpirun":
        raise InputError(f"{given}: mpirun cannot start the processes of a run; use torchrun or srun, or neither")
    if number != devices * num_nodes:
        per_node = f"trainer.devices={number // num_nodes}" if number % num_nodes == 0 else "other values"
        raise InputError(
            f"{given}: {name} has started {number} processes; set {per_node}, or start {devices * num_nodes}"
        )
    if name == "srun":
        os.environ.setdefault("SLURM_NTASKS_PER_NODE", str(devices))  # Lightning refuses to run without it
        _require_free_port()


def _require_free_port() -> None:
    """Raises `InputError` if the first process cannot listen where the others will look for it."""
    port = _number("MASTER_PORT", 0)
    if not port or not is_first_process():
        return
    try:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as torch does
            listener.bind(("", port))
    except (OSError, OverflowError) as error:
        allowed = f"this port cannot be used ({reason(error)}); unset this environment variable, or name a free port"
        raise InputError(f"MASTER_PORT={port}: {allowed}") from error


def _remove(names: tuple[str, ...]) -> None:
    for name in names:
        os.environ.pop(name, None)


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else default

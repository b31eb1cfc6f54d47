"""Finds the program that has started this process together with others: torchrun, SLURM's srun, or mpirun."""

import os
import re
from typing import NamedTuple

from halo.runtime.errors import InputError, require
from halo.runtime.process_ranks import TORCHRUN

LAUNCHER = "HALO_LAUNCHER"
"""The environment variable that keeps the launcher's name, once the variables of torch have replaced its own."""

RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "JSM_NAMESPACE_RANK")
SIZES = ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_WORLD_SIZE")
OF_MPI = {"OMPI_COMM_WORLD_RANK": "OMPI_COMM_WORLD_SIZE", "PMI_RANK": "PMI_SIZE"}
OF_SLURM = (
    *("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_NTASKS", "SLURM_NNODES"),
    *("SLURM_STEP_ID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_NUM_NODES"),
)
ALONE = (*RANKS, *SIZES, *OF_SLURM, "SLURM_NPROCS", "SLURM_NTASKS_PER_NODE", LAUNCHER)
"""The variables that a process which trains alone must not see."""

NUMBERS = (*RANKS, *SIZES, *OF_SLURM, "MASTER_PORT", *OF_MPI.keys(), *OF_MPI.values())
"""The variables that have to be whole numbers."""

INTERACTIVE = ("bash", "interactive")
"""Names of SLURM jobs whose commands are typed by hand, as Lightning has them."""

FIRST_SPECIAL_STEP = 0xFFFFFFFA
"""Step ids from here on are those of SLURM itself: the shell of salloc, and the script of sbatch."""

FIRST_PORT, NUM_PORTS = 20_000, 10_000  # below those that the system gives to programs


class Launcher(NamedTuple):
    """A program that has started this process as one of several.

    Attributes:
        name: Its name.
        num_processes: How many it has started.
        num_nodes: On how many machines.
    """

    name: str
    num_processes: int
    num_nodes: int = 1


def launcher() -> Launcher | None:
    """Returns the program outside halo that has started this process together with others; None if there is none."""
    name = os.environ.get(LAUNCHER) or ("torchrun" if TORCHRUN in os.environ else None)
    if name is not None:
        size = number("WORLD_SIZE", 1)
        nodes = number("GROUP_WORLD_SIZE", 0) or size // max(1, number("LOCAL_WORLD_SIZE", size))
        return Launcher(name, size, max(1, nodes))
    if is_started_by_srun():
        return Launcher("srun", slurm_tasks(), number("SLURM_STEP_NUM_NODES", number("SLURM_NNODES", 1)))
    sizes = [number(size, 1) for rank, size in OF_MPI.items() if rank in os.environ]
    return Launcher("mpirun", max(sizes)) if sizes else None


def is_started_by_srun() -> bool:
    """Returns whether srun has started this process as one of its tasks.

    The shell of `salloc` or `srun --pty` and the script of `sbatch` have variables of SLURM as well. A command that is
    started there without srun is alone, however many tasks the job has.
    """
    if "SLURM_PROCID" not in os.environ or "SLURM_NTASKS" not in os.environ or "SLURM_PTY_PORT" in os.environ:
        return False
    if "SLURM_STEP_ID" in os.environ:
        return number("SLURM_STEP_ID", 0) < FIRST_SPECIAL_STEP
    is_script = os.environ.get("ENVIRONMENT") == "BATCH" and os.environ["SLURM_PROCID"] == "0"
    return not is_script and os.environ.get("SLURM_JOB_NAME") not in INTERACTIVE


def slurm_tasks() -> int:
    """Returns the number of tasks of this step of a SLURM job, or of the job; 1 outside SLURM."""
    return number("SLURM_STEP_NUM_TASKS", number("SLURM_NTASKS", 1))


def use_variables_of_torch(started: Launcher) -> None:
    """Replaces the variables of srun by those of torch.distributed, which torchrun sets as well.

    Lightning's own reading of SLURM's variables needs `--ntasks-per-node`, takes jobs of some names for interactive
    ones, and gives two steps of a job the same port.

    Raises:
        InputError: srun has not started equally many tasks on each machine.
    """
    per_node = tasks_per_node(started)
    node, local = number("SLURM_NODEID", 0), number("SLURM_LOCALID", 0)
    hosts = os.environ.get("SLURM_STEP_NODELIST") or os.environ.get("SLURM_JOB_NODELIST")
    hosts = hosts or os.environ.get("SLURM_NODELIST", "")
    if started.num_nodes > 1 and not hosts and "MASTER_ADDR" not in os.environ:
        raise InputError("SLURM_JOB_NODELIST is not set: the first machine of the job is not known; set MASTER_ADDR")
    step = number("SLURM_JOB_ID", 0) * 10 + number("SLURM_STEP_ID", 0)
    os.environ.setdefault("MASTER_ADDR", first_host(hosts) if started.num_nodes > 1 else "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", str(FIRST_PORT + step % NUM_PORTS))
    remove(ALONE)
    sizes = {"WORLD_SIZE": started.num_processes, "LOCAL_WORLD_SIZE": per_node, "GROUP_WORLD_SIZE": started.num_nodes}
    ranks = {"RANK": node * per_node + local, "LOCAL_RANK": local, "NODE_RANK": node}
    os.environ.update({name: str(value) for name, value in {**sizes, **ranks}.items()})
    os.environ[LAUNCHER] = started.name


def tasks_per_node(started: Launcher) -> int:
    """Returns the number of processes on each machine.

    Raises:
        InputError: The numbers differ.
    """
    name, processes, nodes = started
    counts = os.environ.get("SLURM_STEP_TASKS_PER_NODE") or os.environ.get("SLURM_TASKS_PER_NODE", "")
    differ = name == "srun" and nodes > 1 and "," in counts
    local = number("LOCAL_WORLD_SIZE", processes // nodes)
    if processes % nodes or differ or local * nodes != processes:
        raise InputError(
            f"{name} has started {processes} processes on {nodes} machines: each machine needs the same number of them"
        )
    return processes // nodes


def first_host(hosts: str) -> str:
    """Returns the first host of a list in SLURM's notation.

    >>> [first_host(each) for each in ("node[01-03,07],gpu1", "a1,b[2-3]", "rack[0-1]n[4,6]", "login")]
    ['node01', 'a1', 'rack0n4', 'login']
    """
    first = re.split(r",(?![^\[]*\])", hosts.strip())[0]
    return re.sub(r"\[(\w+)[^\]]*\]", r"\1", first)


def require_numbers() -> None:
    """Raises `InputError` if a variable of a launcher is not a whole number."""
    for name in NUMBERS:
        value = os.environ.get(name, "0")
        allowed = "must be a whole number, as launchers of several processes set it; unset this environment variable"
        require(value.isdecimal(), name, value, allowed)


def number(name: str, default: int) -> int:
    """Returns a variable of the environment as a number; the default if it is not set, or no number."""
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else default


def remove(names: tuple[str, ...]) -> None:
    """Removes variables from the environment."""
    for name in names:
        os.environ.pop(name, None)

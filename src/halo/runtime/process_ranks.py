"""Which of several processes this one is, from the environment variables of the programs that start them.

Several processes train one model if the settings ask for several devices. They are started by Lightning, as children of
the first one, or by torchrun or SLURM's srun. The first of them speaks for all: it prints and writes files.
"""

import contextlib
import os
import sys
from datetime import timedelta
from typing import Any

FIRST_PROCESS = "HALO_FIRST_PROCESS"
"""The environment variable with the id of the process that launches others: their parent."""

TORCHRUN = "TORCHELASTIC_RUN_ID"
"""The environment variable that torchrun sets for its processes."""

RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
"""The environment variables that are 0, or not set, for the first process."""

STORE_TIMEOUT = timedelta(seconds=10)  # it may be on a machine that is gone


def is_first_process() -> bool:
    """Returns whether this is the first of the processes of a command, the one that prints messages and writes files.

    Of torchrun's variables only `RANK` counts: where srun starts torchrun on several machines, any of them may get the
    first rank.
    """
    names = ("RANK",) if TORCHRUN in os.environ else RANKS
    return all(os.environ.get(name, "0") in ("0", "") for name in names)


def is_launched_by_first_process() -> bool:
    """Returns whether the first process has started this one, with its own command line and output folder."""
    is_child = os.environ.get(FIRST_PROCESS) == str(os.getppid())
    return is_child and os.environ.get("LOCAL_RANK", "0") != "0"


def is_first_to_fail() -> bool:
    """Returns whether this process is to print the error that ends it.

    Processes that are not connected yet have read the same settings: the first process prints what is wrong with them.
    Of connected ones the first to fail prints its error, since the others then only fail because it is gone. Where the
    machine that keeps the list of errors is gone as well, one process of each other machine prints its own.
    """
    group = process_group()
    if group is None:
        return is_first_process()
    rank = str(group.get_rank())
    with contextlib.suppress(Exception):  # torch raises several types where the connection is lost
        store = group.distributed_c10d._get_default_store()
        store.set_timeout(STORE_TIMEOUT)
        return bool(store.compare_set("halo/first_to_fail", "", rank).decode() == rank)
    return os.environ.get("LOCAL_RANK", "0") == "0"


def leave_process_group() -> None:
    """Ends the connection to the other processes, which would keep this one from launching new ones."""
    group = process_group()
    if group is not None:
        group.destroy_process_group()


def process_group() -> Any:
    """Returns `torch.distributed` if this process is connected to others through it; None if it is not."""
    distributed: Any = sys.modules.get("torch.distributed")  # a command that does not train has not imported it
    is_connected = distributed and distributed.is_available() and distributed.is_initialized()
    return distributed if is_connected else None

"""Chooses how many threads torch uses, by how much of the machine is free when a command starts.

The threads of OpenMP, with which torch computes, wait for each other by spinning. Where another program needs a core,
spinning threads take time from the very thread that they wait for: with one busy neighbour on two cores, two threads
train a third as fast as one. No setting is good on a quiet machine and on a busy one, so the machine is measured.
"""

import hashlib
import logging
import os
import statistics
import sys
import threading
import time
from typing import NamedTuple

from halo.runtime.process_pool import num_cores

THREADS, MKL_THREADS, SPINNING = "OMP_NUM_THREADS", "MKL_NUM_THREADS", "GOMP_SPINCOUNT"
VARIABLES = (THREADS, MKL_THREADS, SPINNING, "OMP_WAIT_POLICY")
"""Variables with which users choose themselves; so are all that start with `KMP_`, those of Intel's OpenMP."""

SECONDS = 0.15  # longer than a period of a container's CPU quota, 0.1 s
SLACK = 0.3  # of a core: less than any neighbour that is busy for long takes
BUFFER_BYTES = 2**22  # hashed within milliseconds, without Python's global lock
log = logging.getLogger(__name__)

_chosen: dict[str, str] = {}  # the variables that this process has set itself


class Cores(NamedTuple):
    """Describes how much of the machine this process gets.

    Attributes:
        total: The number of cores that this process may use.
        free: The number of cores whose time it gets when it asks for all of them; a fraction where it shares some.
    """

    total: int
    free: float

    @property
    def usable(self) -> int:
        """The number of threads for which a core each is free, at least 1.

        >>> Cores(2, 1.9).usable, Cores(2, 1.4).usable, Cores(2, 0.4).usable
        (2, 1, 1)
        """
        return max(1, min(self.total, int(self.free + SLACK)))

    @property
    def is_busy(self) -> bool:
        """Whether other programs need a core of those that this process may use."""
        return self.usable < self.total

    def __str__(self) -> str:
        return f"about {self.free:.1f} of {self.total} cores are free"


def limit_threads(cores: Cores | None, *, processes: int = 1, keeps_number: bool = False) -> None:
    """Makes torch, which must not be loaded yet, use as many threads as cores are free, and logs it in one line.

    On a quiet machine nothing changes. On a busy one the threads wait without spinning.

    Args:
        cores: The result of `measure_cores`.
        processes: The number of processes that share the cores. Those that are started later inherit the choice.
        keeps_number: Whether to leave the number of threads alone, because a resumed run has its own.
    """
    if cores is None or not cores.is_busy:
        return
    number = max(1, cores.usable // processes)
    _choose(SPINNING, "0")
    if keeps_number:
        return
    _choose(THREADS, str(number))
    threads = f"{number} thread{'s' * (number > 1)}{' in each process' * (processes > 1)}"
    most = max(1, cores.total // processes)
    log.info("The machine is busy: %s; using %s (%s=%d to use %d)", cores, threads, THREADS, most, most)


def measure_cores() -> Cores | None:
    """Measures how many cores are free, in 0.15 s, or three times as long on a machine that seems busy.

    Neighbours, the CPU quota of a container and time stolen from a virtual machine are seen alike. Returns None where
    nothing is to be chosen: torch is loaded already, another process has chosen for this one, or the user has.
    """
    if "torch" in sys.modules or "LOCAL_RANK" in os.environ or _is_users_choice():
        return None
    total = num_cores()
    cores = Cores(total, _obtained_cores(total))
    if cores.is_busy:  # perhaps only for an instant
        cores = Cores(total, statistics.median([cores.free, _obtained_cores(total), _obtained_cores(total)]))
    return cores


def users_variable() -> str | None:
    """Returns the name of the variable with which the user has set the number of threads; None if there is none."""
    return next((name for name in (THREADS, MKL_THREADS) if name in os.environ and name not in _chosen), None)


def _is_users_choice() -> bool:
    return any(name in VARIABLES or name.startswith("KMP_") for name in os.environ)


def _choose(name: str, value: str) -> None:
    os.environ[name] = _chosen[name] = value


def _obtained_cores(number: int) -> float:
    """Returns the sum of the shares of a core that `number` threads get while all of them compute."""
    shares = [0.0] * number
    content = bytes(BUFFER_BYTES)

    def compute(index: int) -> None:
        began, began_cpu = time.perf_counter(), time.thread_time()
        while time.perf_counter() < began + SECONDS:
            hashlib.sha256(content)
        shares[index] = (time.thread_time() - began_cpu) / (time.perf_counter() - began)

    threads = [threading.Thread(target=compute, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(shares)

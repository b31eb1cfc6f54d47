"""Keeps the number of threads of a resumed run: the order of sums depends on it, and with it their last digits."""

import logging
import os

import torch

from halo.runtime.process_pool import num_cores
from halo.runtime.threads import MKL_THREADS, THREADS, users_variable
from halo.training.resume.restore import ResumeSource

log = logging.getLogger(__name__)


def set_threads(resumed: ResumeSource | None, *, processes: int) -> None:
    """Sets the number of threads that this process computes with, and says so where it may surprise.

    A resumed run has the number that it was started with, however busy the machine is now, unless the user has set
    another one or the number of processes has changed.

    Args:
        resumed: The checkpoint that the run resumes from; None for a new run.
        processes: The number of processes of the run.
    """
    number = torch.get_num_threads()
    if resumed is not None and resumed.processes == processes:
        number = _resumed_number(resumed, number)
        if processes > 1:
            os.environ[THREADS] = str(number)  # otherwise Lightning chooses, here and in the processes that it starts
    if number != torch.get_num_threads() or MKL_THREADS not in os.environ:
        # Where nothing changes too: torch then keeps MKL from choosing fewer, so that all runs with a number are equal.
        torch.set_num_threads(number)


def _resumed_number(resumed: ResumeSource, number: int) -> int:
    before, variable, cores = resumed.threads, users_variable(), num_cores()
    if variable is not None and number != before:
        differ = "its figures may differ in the last digits from those of an uninterrupted run"
        log.warning("%s=%d: the run was started with %d threads; %s", variable, number, before, differ)
        return number
    if before > cores:
        faster = f"{THREADS}={cores} is faster, but may change the last digits of its figures"
        log.warning("Resuming with %d threads, as the run was started, on %d cores; %s", before, cores, faster)
    return before

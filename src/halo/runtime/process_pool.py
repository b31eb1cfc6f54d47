"""A parallel map over a stream: one function on many items, in order, with few items in memory.

This is the standard library's process pool and not joblib's (1.5): there, `return_as="generator"` keeps the order but
requests items without bound (with two processes and `pre_dispatch=4`, all 2000 before the third result was consumed),
a worker process cannot keep its function from item to item, and workers outlive a parent that is killed.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from halo.runtime.errors import InputError

MAX_WORKERS = 8  # one process cannot read and number text for more than these
Item = TypeVar("Item")
Result = TypeVar("Result")

_function: Callable[[Any], Any]  # of a worker process, so that its caches last from item to item


def num_cores() -> int:
    """Returns the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parallel_map(
    make_function: Callable[[], Callable[[Item], Result]], items: Iterable[Item], *, workers: int
) -> Generator[Result, None, None]:
    """Yields `make_function()(item)` for each item, in order; each process makes its own function, once.

    Items are requested as they are needed: at most two for each process are in memory.

    Args:
        make_function: Returns the function; has to be picklable.
        items: The arguments of the calls.
        workers: Number of processes; with 1 everything runs in this process.

    Raises:
        InputError: A worker process was killed.
    """
    if workers == 1:
        yield from map(make_function(), items)
        return
    # Not forked: a lock held by a thread of some library at that moment would never be released in the child.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_initialise_worker, initargs=(make_function,))
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            with deferred_interrupts():
                pending.append(pool.submit(_call, item))
            if len(pending) >= 2 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        raise InputError(
            "a worker process was killed while cleaning text, perhaps for lack of memory; rerun with more memory "
            '(a script of your own must call halo under `if __name__ == "__main__":`)'
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def deferred_interrupts() -> Iterator[None]:
    """Defers Ctrl-C, also in processes started meanwhile, each of which would otherwise print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _initialise_worker(make_function: Callable[[], Callable[[Any], Any]]) -> None:
    global _function  # noqa: PLW0603  the only place where a worker process can keep state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent ends its workers
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    _function = make_function()


def _exit_with_parent() -> None:
    """Ends this process when its parent has died, of which it would not learn otherwise."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(item: Any) -> Any:
    return _function(item)

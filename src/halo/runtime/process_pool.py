"""One function on many items, on all cores, in order and with little in memory."""

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

MAX_WORKERS = 8  # more than what one process can read and number for
Item = TypeVar("Item")
Result = TypeVar("Result")

_function: Callable[[Any], Any]  # of a worker process, so that what it remembers stays from item to item


def num_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_on_all_cores(
    make: Callable[[], Callable[[Item], Result]], items: Iterable[Item], *, workers: int
) -> Generator[Result, None, None]:
    """Yields `make()(item)` for each item, in order; each process makes its own function, once.

    Items are asked for as they are needed: at most two for each process are in memory.

    Args:
        make: Returns the function; it can be pickled.
        items: What the function is called with.
        workers: Number of processes; with 1 it runs in this one.

    Raises:
        InputError: A process was ended from outside.
    """
    if workers == 1:
        yield from map(make(), items)
        return
    # Not forked: a library's threads that hold a lock at that moment would never give it back in the child.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(make,))
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            with _interrupts_held_back():
                waiting.append(pool.submit(_call, item))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise InputError(
            "a process that cleaned text was ended from outside; was memory short? Run again with more of it "
            '(a script of your own must call halo under `if __name__ == "__main__":`)'
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Lets Ctrl-C wait, also in the processes that are started meanwhile, which would show a traceback each."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _function  # noqa: PLW0603  the one place where a worker process can keep anything
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _function = make()


def _end_with_parent() -> None:
    """Ends this process when its parent is gone: nobody would tell it otherwise."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(item: Any) -> Any:
    return _function(item)

"""Limits of the server: how often a client may ask, and whose turn it is where many ask at once."""

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from halo.serving.requests.errors import ApiError, overloaded

MAX_CLIENTS = 10_000
"""The number of clients whose requests are counted; of more, the one that has been quiet for longest is forgotten."""

BUSY_SECONDS = 2
"""The number of seconds after which a client should try again that came while everything was in use."""

Result = TypeVar("Result")


class RateLimiter:
    """Limits the requests of each client, with a token bucket: a minute's requests may come at once.

    Args:
        per_minute: The number of requests per minute; 0 for no limit.
        clock: Returns the time in seconds.

    >>> limiter = RateLimiter(2, clock=lambda: 0.0)
    >>> [limiter.seconds_to_wait("a") for _ in range(3)]
    [0.0, 0.0, 30.0]
    """

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when that was

    def seconds_to_wait(self, client: str) -> float:
        """Counts a request; returns 0 if it is allowed, and otherwise the seconds until one would be."""
        if not self._burst:
            return 0.0
        now = self._clock()
        left, then = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_second)
        is_allowed = left >= 1
        self._buckets[client] = (left - is_allowed, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) / self._per_second

    def require(self, client: str) -> None:
        """Raises `ApiError` if a client has sent too many requests."""
        if seconds := self.seconds_to_wait(client):
            wait = {"Retry-After": str(int(seconds) + 1)}
            message = f"too many requests; try again in {int(seconds) + 1} seconds"
            raise ApiError(429, message, code="rate_limit_exceeded", headers=wait)


class Slots:
    """Limits how many requests are worked on at once; more are refused at once, with a time to try again.

    Args:
        number: The number of requests.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.used = 0

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        """Occupies one while the context is open.

        Raises:
            ApiError: All are in use.
        """
        if self.used >= self.number:
            raise overloaded("the server has too much to do; try again in a moment", seconds=BUSY_SECONDS)
        self.used += 1
        try:
            yield
        finally:
            self.used -= 1


class FairWorkers:
    """Runs short pieces of work in threads, one client after the other.

    A client with many pieces waits for itself, not others for it. All methods are called in the event loop.

    Args:
        threads: The number of pieces that run at once.
    """

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="halo-serve")
        self._free = threads
        self._waiting: OrderedDict[str, deque[tuple[asyncio.Future[Any], Callable[[], Any]]]] = OrderedDict()

    async def run(self, client: str, work: Callable[[], Result]) -> Result:
        """Returns the result of a piece of work of a client, when it has had its turn.

        Work that has not begun when the caller is cancelled is dropped.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append((future, work))
        self._start()
        return await future

    def close(self) -> None:
        """Ends the threads; work that has not begun is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        while self._free and self._waiting:
            client, queue = self._waiting.popitem(last=False)
            future, work = queue.popleft()
            if queue:
                self._waiting[client] = queue  # behind the others
            if future.cancelled():
                continue
            self._free -= 1
            loop = future.get_loop()
            done = self._threads.submit(work)
            done.add_done_callback(partial(_tell, loop, self._finish, future))

    def _finish(self, future: asyncio.Future[Any], done: Future[Any]) -> None:
        self._free += 1
        if done.cancelled():
            future.cancel()
        elif not future.cancelled():
            error = done.exception()
            if error is None:
                future.set_result(done.result())
            else:
                future.set_exception(error)
        self._start()


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *arguments: Any) -> None:
    """Calls a function in the event loop, unless that has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback, *arguments)

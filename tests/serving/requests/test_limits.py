"""Limits: how often a client may ask, how many requests are worked on, and whose turn it is."""

import asyncio
import threading

import pytest

from halo.serving.requests import limits
from halo.serving.requests.errors import ApiError
from halo.serving.requests.limits import FairWorkers, RateLimiter, Slots


def test_requests_come_back_with_time() -> None:
    now = 0.0
    limiter = RateLimiter(60, clock=lambda: now)
    assert [limiter.seconds_to_wait("a") for _ in range(60)] == [0.0] * 60
    assert limiter.seconds_to_wait("a") == pytest.approx(1)
    assert limiter.seconds_to_wait("b") == 0
    now = 1.0
    assert limiter.seconds_to_wait("a") == 0
    with pytest.raises(ApiError) as refused:
        limiter.require("a")
    assert refused.value.status_code == 429
    assert refused.value.headers == {"Retry-After": "2"}


def test_no_limit_counts_nobody_and_old_clients_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CLIENTS", 3)
    limiter = RateLimiter(1, clock=lambda: 0.0)
    assert [limiter.seconds_to_wait(client) for client in "abcda"] == [0.0] * 5  # a has been forgotten
    assert len(limiter._buckets) == 3
    assert [RateLimiter(0).seconds_to_wait("a") for _ in range(9)] == [0.0] * 9


def test_more_requests_than_slots_are_refused() -> None:
    slots = Slots(1)
    with slots.take(), pytest.raises(ApiError, match="503"), slots.take():
        pass
    with slots.take():
        assert slots.used == 1
    assert slots.used == 0


def test_clients_take_turns_and_results_and_errors_reach_them() -> None:
    order: list[str] = []

    async def scenario() -> None:
        workers, gate = FairWorkers(1), threading.Event()

        def work(name: str) -> str:
            gate.wait(5)
            order.append(name)
            return name

        tasks = [asyncio.create_task(workers.run("greedy", lambda n=n: work(f"greedy{n}"))) for n in range(4)]  # type: ignore[misc]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(workers.run("other", lambda: work("other"))))
        cancelled = asyncio.create_task(workers.run("gone", lambda: work("gone")))
        await asyncio.sleep(0)
        cancelled.cancel()
        gate.set()
        assert await asyncio.gather(*tasks) == ["greedy0", "greedy1", "greedy2", "greedy3", "other"]
        with pytest.raises(ZeroDivisionError):
            await workers.run("other", lambda: 1 // 0)
        workers.close()

    asyncio.run(scenario())
    assert order == ["greedy0", "greedy1", "other", "greedy2", "greedy3"]

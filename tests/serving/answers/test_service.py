"""A generation is computed in turns, stops where nobody reads it, and gives its slot back."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from fastapi import FastAPI, Request

from halo.generation.stream import GeneratedToken
from halo.serving.answers.service import Generation, Service, begun, take_slice
from halo.serving.requests.errors import ApiError


def endless() -> Iterator[GeneratedToken]:
    while True:
        time.sleep(0.001)
        yield GeneratedToken(1, "a", " a", -1.0, 1, ())


def request(app: FastAPI) -> Request:
    return Request({"type": "http", "app": app, "headers": [], "path": "/api/generate", "client": ("1.2.3.4", 5)})


def test_a_turn_ends_after_its_time_or_with_the_text() -> None:
    first = take_slice(endless(), seconds=0.01)
    assert 1 <= len(first.tokens) <= 11
    assert not first.is_complete
    assert take_slice(itertools.islice(endless(), 2), seconds=5) == (first.tokens[:1] * 2, True)


def test_a_generation_ends_with_its_time_and_with_the_server(app: Callable[..., FastAPI]) -> None:
    async def read(service: Service, generation: Generation) -> None:
        async for _ in generation.slices(endless):
            service.is_stopping = service.settings.request_seconds > 1

    for change, problem in (("request_seconds=0.01", "time of 0.01 seconds"), ("request_seconds=9", "being stopped")):
        served = app(change)
        service: Service = served.state.service
        generation = Generation(service, request(served))
        assert service.slots.used == 1
        with pytest.raises(ApiError) as ended:
            asyncio.run(read(service, generation))
        assert problem in ended.value.body["error"]["message"]
        generation.close()
        generation.close()
        assert service.slots.used == 0


def test_the_first_part_is_computed_at_once() -> None:
    async def parts() -> AsyncIterator[int]:
        raise ApiError(422, "no")
        yield 1

    async def numbers() -> AsyncIterator[int]:
        yield 1
        yield 2

    async def collect() -> list[int]:
        return [number async for number in await begun(numbers())]

    with pytest.raises(ApiError):
        asyncio.run(begun(parts()))
    assert asyncio.run(collect()) == [1, 2]


def test_limits_of_requests(app: Callable[..., FastAPI]) -> None:
    service: Service = app("max_words=5", "max_characters=3").state.service
    assert service.defaults.num_words == 5
    assert service.sampling({"top_k": 7}).top_k == 7
    with pytest.raises(ApiError):
        service.sampling({"num_words": 6})
    with pytest.raises(ApiError):
        service.require_short("abcd")
    with pytest.raises(ApiError):
        service.model("other")
    assert service.model(None).id == "tiny"

"""What the endpoints of one server share: its models, its limits, and whose turn it is to compute."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import Depends, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from halo.config import SamplingConfig, ServeConfig, default_sampling
from halo.generation.stream import GeneratedToken
from halo.runtime.errors import InputError
from halo.runtime.process_pool import num_cores
from halo.serving.answers.served_classifier import ServedClassifier
from halo.serving.answers.served_model import ServedModel
from halo.serving.requests.errors import ApiError
from halo.serving.requests.guard import client_of
from halo.serving.requests.limits import FairWorkers, Slots
from halo.serving.requests.metrics import Metrics

SLICE_SECONDS = 0.05
"""Seconds for which one generation computes before it is the turn of others."""

Result = TypeVar("Result")
Part = TypeVar("Part")


class Service:
    """The models of a server and what limits their use.

    Args:
        models: The language models by their ids; requests that name none get the first.
        settings: The settings of the server.
        classifiers: The classifiers by their ids.

    Attributes:
        metrics: What is counted for Prometheus.
        defaults: How words are drawn where a request does not say otherwise: as `halo.generate` does.
        is_stopping: Whether generations end as soon as they can, because the server is being stopped.
    """

    def __init__(
        self,
        models: Mapping[str, ServedModel],
        settings: ServeConfig,
        *,
        classifiers: Mapping[str, ServedClassifier] | None = None,
    ) -> None:
        self.models = dict(models)
        self.classifiers = dict(classifiers or {})
        self.settings = settings
        self.metrics = Metrics()
        self.is_stopping = False
        defaults = default_sampling()
        self.defaults = replace(defaults, num_words=min(defaults.num_words, settings.max_words))
        self.slots = Slots(settings.concurrent_requests)
        self.workers = FairWorkers(settings.threads or num_cores())

    def model(self, model_id: str | None) -> ServedModel:
        """Returns a language model by its id, or the first one for None.

        Raises:
            ApiError: There is no such model.
        """
        return _chosen(self.models, model_id, kind="language model")

    def classifier(self, model_id: str | None) -> ServedClassifier:
        """Returns a classifier by its id, or the first one for None.

        Raises:
            ApiError: There is no such classifier.
        """
        return _chosen(self.classifiers, model_id, kind="classifier")

    def require_short(self, text: str, param: str = "text", *, status: int = 422) -> None:
        """Raises `ApiError` if a text is longer than the settings allow."""
        most = self.settings.max_characters
        if len(text) > most:
            message = f"{param}: {len(text):,} characters; at most {most:,} are allowed"
            raise ApiError(status, message, param=param)

    def sampling(self, given: Mapping[str, Any]) -> SamplingConfig:
        """Returns the settings of sampling of a request, in which the defaults stand for what is not given.

        Raises:
            ApiError: More words are asked for than the settings of the server allow.
        """
        most = self.settings.max_words
        if given.get("num_words", 0) > most:
            raise ApiError(422, f"num_words: at most {most:,} are allowed", param="num_words")
        return replace(self.defaults, **given)

    async def compute(self, request: Request, work: Callable[[], Result]) -> Result:
        """Returns the result of a piece of work, when it has had its turn.

        Raises:
            ApiError: Too much is asked of the server, or the input cannot be used.
        """
        with self.slots.take():
            return await self.run(request, work)

    async def run(self, request: Request, work: Callable[[], Result]) -> Result:
        """Returns the result of a piece of work of a request that has a slot already; see `compute`."""
        status = 400 if request.url.path.startswith("/v1/") else 422
        try:
            return await self.workers.run(client_of(request.scope), work)
        except InputError as error:
            message = str(error)
            raise ApiError(status, message, param=message.partition("=")[0] if "=" in message else None) from error


def _chosen(served: Mapping[str, Result], model_id: str | None, *, kind: str) -> Result:
    """Returns what has an id, or the first for None.

    Raises:
        ApiError: There is none.
    """
    if model_id in served or (model_id is None and served):
        return served[model_id] if model_id is not None else next(iter(served.values()))
    named = f" of this name; /api/models lists {len(served)}" if served else ""
    raise ApiError(404, f"model: this server has no {kind}{named}", param="model", code="model_not_found")


class Slice(NamedTuple):
    """The tokens that a generation has computed in one turn, and whether it is complete."""

    tokens: list[GeneratedToken]
    is_complete: bool


def take_slice(stream: Iterator[GeneratedToken], *, seconds: float = SLICE_SECONDS) -> Slice:
    """Returns the next tokens of a generation, at least one if there is one."""
    deadline = time.perf_counter() + seconds
    tokens: list[GeneratedToken] = []
    for token in stream:
        tokens.append(token)
        if time.perf_counter() > deadline:
            return Slice(tokens, is_complete=False)
    return Slice(tokens, is_complete=True)


class Generation:
    """A generation that is computed slice by slice, as long as somebody reads it.

    It occupies a slot of the server from `start` to `close`.

    Args:
        service: The server.
        request: The request that it answers.
    """

    def __init__(self, service: Service, request: Request) -> None:
        self._service, self._request = service, request
        self._deadline = time.monotonic() + service.settings.request_seconds
        self._slot = service.slots.take()
        self._slot.__enter__()
        service.metrics.active_streams.inc()
        self._is_open = True

    async def slices(self, make_stream: Callable[[], Iterator[GeneratedToken]]) -> AsyncIterator[Slice]:
        """Yields what each turn has computed.

        Args:
            make_stream: Reads the text and returns the generation; called in a thread.

        Raises:
            ApiError: The input cannot be used, the time is over, or the server is being stopped.
        """
        stream: Iterator[GeneratedToken] | None = None

        def turn() -> Slice:
            nonlocal stream
            if stream is None:
                stream = make_stream()
            return take_slice(stream)

        while True:
            computed = await self._service.run(self._request, turn)
            self._service.metrics.words.labels("generated").inc(len(computed.tokens))
            yield computed
            if computed.is_complete:
                return
            self._require_time()

    def _require_time(self) -> None:
        if self._service.is_stopping:
            raise ApiError(503, "the server is being stopped; try again later", code="stopping")
        if time.monotonic() > self._deadline:
            limit = self._service.settings.request_seconds
            raise ApiError(408, f"the time of {limit:g} seconds is over; ask for fewer words", code="timeout")

    async def run(self, work: Callable[[], Result]) -> Result:
        """Returns the result of another piece of work of the same request; see `Service.compute`."""
        return await self._service.run(self._request, work)

    async def is_wanted(self) -> bool:
        """Returns whether the client is still there."""
        return not await self._request.is_disconnected()

    def close(self) -> None:
        """Gives the slot back."""
        if self._is_open:
            self._is_open = False
            self._service.metrics.active_streams.dec()
            self._slot.__exit__(None, None, None)


class EventResponse(StreamingResponse):
    """Server-sent events of a generation, which ends with the response, however that ends.

    Args:
        events: The encoded events.
        generation: What is closed at the end.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], *, generation: Generation) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._generation = generation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the events."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._generation.close()


async def begun(parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
    """Returns parts of an answer of which the first is computed by now: its error can still be the response."""
    first = await anext(parts)

    async def following() -> AsyncIterator[Part]:
        yield first
        async for part in parts:
            yield part
            await asyncio.sleep(0)  # where a disconnected client ends it

    return following()


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
"""The parameter of an endpoint that receives the service."""

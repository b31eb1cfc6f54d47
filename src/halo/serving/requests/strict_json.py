"""Reads the bodies of requests: JSON of limited size that arrives in time, and means the same to everybody."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from halo.serving.requests.errors import ApiError

MAX_DIGITS = 300
"""Digits of a whole number; Python refuses more than a few thousand."""

MAX_DISCARDED = 16
"""So many times the largest size is read of a body that is too large, so that its sender sees the reason."""


class JsonRequest(Request):
    """A request whose body is checked: its type, its size, and that no value of it is ambiguous."""

    async def body(self) -> bytes:
        """Returns the body.

        Raises:
            ApiError: It is not declared as JSON, it is too large, or it takes too long to arrive.
        """
        if not hasattr(self, "_body"):
            settings = self.app.state.settings
            self._require_json()
            try:
                async with asyncio.timeout(settings.body_seconds):
                    self._body = await self._read(settings.max_body_bytes)
            except TimeoutError as error:
                message = f"the body took more than {settings.body_seconds:g} seconds to arrive; send it at once"
                raise ApiError(408, message) from error
        return self._body

    async def json(self) -> Any:
        """Returns the body as plain data.

        Raises:
            ApiError: It is not JSON, or has a key twice, a number that is not finite, or too many levels.
        """
        return parse_json(await self.body())

    def _require_json(self) -> None:
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise ApiError(415, "the body must be JSON; send the header Content-Type: application/json")

    async def _read(self, max_bytes: int) -> bytes:
        chunks, size = [], 0
        async for chunk in self.stream():
            size += len(chunk)
            if size <= max_bytes:
                chunks.append(chunk)
            elif size > MAX_DISCARDED * max_bytes:
                break
        if size > max_bytes:
            raise ApiError(413, f"the body is too large: at most {max_bytes:,} bytes are allowed")
        return b"".join(chunks)


class JsonRoute(APIRoute):
    """A route whose requests are read as `JsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns the function that answers a request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_strictly


def parse_json(body: bytes) -> Any:
    """Returns a JSON text as plain data.

    Raises:
        ApiError: It is not JSON, or has a key twice, a number that is not finite, or too many levels.

    >>> parse_json(b'{"k": 3}')
    {'k': 3}
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ApiError(400, f"the body is not UTF-8 (byte {error.start})") from error
    try:
        value = json.loads(
            text,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_without_repetition,
        )
    except json.JSONDecodeError as error:
        raise ApiError(400, f"the body is not JSON: {error.msg}, at character {error.pos}") from error
    except RecursionError as error:
        raise ApiError(400, "the body has too many levels of lists and objects") from error
    except ValueError as error:
        raise ApiError(400, f"the body is not JSON that is understood: {error}") from error
    if r"\u" in text:
        _require_characters(value)
    return value


def _require_characters(value: Any) -> None:
    r"""Raises `ApiError` if a text holds half of a surrogate pair, which only an escape such as \\ud800 can bring."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ApiError(400, "the body has half of a surrogate pair, such as \\ud800, which is no character") from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:20]} is too large")
    return value


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"the number {digits[:20]}... has too many digits")
    return int(digits)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("an object has a key twice")
    return values

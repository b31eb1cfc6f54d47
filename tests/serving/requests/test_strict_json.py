"""Bodies: only JSON that means the same to everybody, of limited size, and in time."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from halo.serving.requests.errors import ApiError
from halo.serving.requests.strict_json import parse_json


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "not JSON"),
        (b"\xff{}", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'{"k": 1, "k": 2}', "a key twice"),
        (b'{"k": NaN}', "NaN is not a number"),
        (b'{"k": -Infinity}', "-Infinity is not a number"),
        (b'{"k": 1e999}', "too large"),
        (b'{"k": ' + b"9" * 5000 + b"}", "too many digits"),
        (rb'{"text": "\ud800"}', "surrogate"),
        (rb'{"\uDC00": 1}', "surrogate"),
        (b"[" * 200_000, "too many levels"),
    ],
)
def test_ambiguous_bodies_are_refused(body: bytes, problem: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_json(body)
    assert refused.value.status_code == 400
    assert problem in refused.value.body["error"]["message"]


def test_escapes_of_characters_are_read() -> None:
    assert parse_json(rb'{"text": "\ud83d\ude00 \u0000"}') == {"text": "\U0001f600 \0"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_content_types_are_refused(client: Callable[..., TestClient], kind: str) -> None:
    assert client().post("/api/next", content=b'{"text": "the"}', headers={"Content-Type": kind}).status_code == 415


def test_large_bodies_are_refused(client: Callable[..., TestClient]) -> None:
    response = client("max_body_bytes=100").post("/api/next", json={"text": "a" * 1000})
    assert response.status_code == 413
    assert "at most 100 bytes" in response.json()["error"]["message"]


def test_a_body_that_does_not_arrive_is_given_up(live: Callable[..., str]) -> None:
    address = urlsplit(live("body_seconds=0.1"))
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        head = f"POST /api/next HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 50\r\n\r\n{{".encode())
        assert connection.recv(20).startswith(b"HTTP/1.1 408")

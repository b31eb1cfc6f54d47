"""The server listens where it may, says what hinders it, and ends streams when it is stopped."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from urllib.request import Request, urlopen

import pytest
from fastapi import FastAPI

from halo.config import ServeConfig
from halo.runtime.errors import InputError
from halo.serving.server import Server, address_of, listen


def test_a_taken_port_is_one_line(settings: Callable[..., ServeConfig]) -> None:
    with listen(settings()) as taken:
        port = taken.getsockname()[1]
        assert address_of(taken) == f"http://127.0.0.1:{port}/"
        with pytest.raises(InputError, match=rf"port={port}: cannot be used on 127\.0\.0\.1 .*; port=0 takes"):
            listen(settings(f"port={port}"))


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_an_address_of_another_machine_is_one_line(settings: Callable[..., ServeConfig], host: str) -> None:
    with pytest.raises(InputError, match=r"cannot be used|no such address"):
        listen(settings(f"host={host}", "token=open-sesame"))


def test_other_machines_need_a_token(settings: Callable[..., ServeConfig]) -> None:
    with pytest.raises(InputError, match=r"host=0\.0\.0\.0: can be reached from other machines; give a token"):
        listen(settings("host=0.0.0.0"))
    with listen(settings("host=0.0.0.0", "token=open-sesame")) as listener:
        assert address_of(listener).startswith("http://127.0.0.1:")


def test_streams_end_with_a_reason_when_the_server_is_stopped(
    app: Callable[..., FastAPI], settings: Callable[..., ServeConfig]
) -> None:
    listener = listen(settings())
    address = address_of(listener)
    server = Server(app("max_words=100000"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    request = Request(
        f"{address}api/generate",
        data=b'{"text": "the", "num_words": 100000, "num_alternatives": 0}',
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as response:
        assert response.readline() == b"event: word\n"
        server.handle_exit(signal.SIGINT, None)
        rest = response.read()
    assert b"event: error" in rest
    assert b"being stopped" in rest
    thread.join(timeout=10)
    assert not thread.is_alive()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1].strip("/"))), timeout=1)


def test_a_client_that_goes_away_ends_its_generation(live: Callable[..., str]) -> None:
    address = live("max_words=100000")
    request = Request(
        f"{address}/api/generate",
        data=b'{"text": "the", "num_words": 100000, "num_alternatives": 0}',
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as response:
        response.readline()

    def figure(name: str) -> float:
        with urlopen(f"{address}/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        return float(next(line for line in lines if line.startswith(name)).split()[1])

    deadline = time.monotonic() + 10
    while figure("halo_active_streams ") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert figure("halo_active_streams ") == 0
    assert figure('halo_words_total{done="generated"} ') < 100_000

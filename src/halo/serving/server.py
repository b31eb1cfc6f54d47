"""Listens on a port and answers until Ctrl-C; whatever is being written then ends with a word to its reader."""

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from halo.config import ServeConfig
from halo.runtime.errors import InputError, reason
from halo.serving.requests.guard import is_loopback

SHUTDOWN_SECONDS = 5
"""Seconds after which connections are closed that are still open when the server is stopped."""
KEEP_ALIVE_SECONDS = 20
BACKLOG = 512
"""The number of connections that wait to be accepted."""

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """A server that ends generations first when it is stopped, and returns instead of raising the signal again."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # any client could choose the address by which its requests are counted
            ws="none",
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        super().__init__(config)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stops the server, at the second signal at once."""
        self.app.state.service.is_stopping = True
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handles Ctrl-C and SIGTERM while the server runs."""
        in_main = threading.current_thread() is threading.main_thread()  # only there signals can be handled
        signals = (signal.SIGINT, signal.SIGTERM) if in_main else ()
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(settings: ServeConfig) -> socket.socket:
    """Returns a socket that listens on the host and port of the settings.

    Raises:
        InputError: The port is taken or not permitted, or this machine does not have the address; or it can be reached
            from other machines, and there is no token.
    """
    host, port = settings.host, settings.port
    if settings.token is None and not is_loopback(host):
        message = "can be reached from other machines; give a token, HALO_TOKEN=... in the environment, or leave it out"
        raise InputError(f"host={host}: {message}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise InputError(f"host={host}: no such address ({reason(error)}); use 127.0.0.1") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise InputError(
            f"port={port}: cannot be used on {host} ({reason(error)}); port=0 takes any free one"
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Returns the address of the page, as a link that works on this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Answers requests until Ctrl-C or SIGTERM."""
    server = Server(app)
    try:
        asyncio.run(server.serve(sockets=[listener]))
    finally:
        app.state.service.workers.close()
        listener.close()

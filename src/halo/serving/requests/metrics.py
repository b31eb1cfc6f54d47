"""What the server counts for Prometheus, and the line that it logs for each request: no text of users is in either."""

import logging
import re
import time
import traceback
import uuid
from typing import Any

from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halo.serving.requests.errors import error_body

METHODS = frozenset(["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
"""Upper bounds of the classes of latencies."""

REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")

log = logging.getLogger(__name__)


class Metrics:
    """The figures of one server.

    Attributes:
        registry: What `/metrics` shows.
        requests: Requests by endpoint, method and status.
        seconds: Seconds from a request to the end of its response, by endpoint.
        words: Words by what was done with them: generated, scored or classified.
        active_streams: Generations that are under way.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["endpoint", "method", "status"]
        self.requests = Counter("halo_requests", "Requests that were answered.", labels, registry=self.registry)
        description = "Seconds from a request to the end of its response."
        self.seconds = Histogram(
            "halo_request_seconds", description, ["endpoint"], registry=self.registry, buckets=SECONDS
        )
        self.words = Counter("halo_words", "Words by what was done with them.", ["done"], registry=self.registry)
        self.active_streams = Gauge("halo_active_streams", "Generations that are under way.", registry=self.registry)
        ProcessCollector(registry=self.registry)


class Observer:
    """Counts, times and logs each request, gives it an id, and answers what fails unexpectedly.

    Args:
        app: The application behind it.
        metrics: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, request_id = time.perf_counter(), _request_id(scope)
        status = 0  # of a response that has not begun

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_observed)
        except Exception as error:
            _log_defect(error, request_id)
            if not status:
                message = f"the server has failed; its log says where, at the request id {request_id}"
                await JSONResponse(error_body(500, message), 500)(scope, receive, send_observed)
        finally:
            seconds = time.perf_counter() - started
            endpoint = _endpoint(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.requests.labels(endpoint, method, str(status)).inc()
            self.metrics.seconds.labels(endpoint).observe(seconds)
            log.debug("%s %s %d, %.0f ms, request %s", method, endpoint, status, 1000 * seconds, request_id)


def _request_id(scope: Scope) -> str:
    """Returns the id that the client gave the request, or a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _endpoint(scope: Scope) -> str:
    """Returns the path of the endpoint as it is declared: the path of a request may hold anything."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "none"))


def _log_defect(error: Exception, request_id: str) -> None:
    """Logs where an unexpected exception was raised, without its message, in which text of a user may stand."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("request %s: %s at %s", request_id, type(error).__name__, " < ".join(reversed(places[-6:])))

"""Who may ask: the name the server is addressed by, the page that asks, the token, and how often.

A server on this machine can be reached by every page that its user visits, through the browser. A name of the
attacker's can be made to point to 127.0.0.1 (DNS rebinding), so the `Host` of a request must be an address or a known
name, which such a page cannot choose; and a page of another origin says so itself, in `Origin`.
"""

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halo.config import ServeConfig
from halo.serving.requests.errors import ApiError
from halo.serving.requests.limits import RateLimiter

PUBLIC = ("/", "/healthz", "/openapi.json")
"""Paths that need no token, besides the files of the page, in which the token is entered."""

UNLIMITED = ("/healthz", "/metrics")
"""Paths whose requests are not counted: monitors ask for them."""

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        *("script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:"),
        *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
    ]
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses requests that must not be answered, and adds the headers of security to every response.

    Args:
        app: The application behind it.
        settings: The settings of the server.
    """

    def __init__(self, app: ASGIApp, *, settings: ServeConfig) -> None:
        self.app = app
        self._token = None if settings.token is None else settings.token.encode()
        self._names = known_names(settings)
        self._origins = frozenset(settings.allowed_origins)
        self._limiter = RateLimiter(settings.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SECURITY_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._require_allowed(scope)
        except ApiError as error:
            response = JSONResponse(error.body, error.status_code, error.headers)
            await response(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _require_allowed(self, scope: Scope) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        self._require_host(headers.get("host", ""))
        self._require_origin(headers)
        if path not in UNLIMITED:
            self._limiter.require(client_of(scope))
        if not (path in PUBLIC or path.startswith("/static/")):
            self._require_token(headers.get("authorization", ""))

    def _require_host(self, host: str) -> None:
        name = host_name(host)
        if not (is_address(name) or name in self._names):
            message = "the server does not have the name in the header Host; use its address, or set allowed_hosts"
            raise ApiError(421, message, code="unknown_host")

    def _require_origin(self, headers: Mapping[str, str]) -> None:
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return
        parts = urlsplit(origin)
        is_own = parts.scheme in ("http", "https") and parts.netloc == headers.get("host")
        if not is_own:
            message = "the request comes from a page of another origin; set allowed_origins to permit it"
            raise ApiError(403, message, code="other_origin")

    def _require_token(self, authorization: str) -> None:
        if self._token is None:
            return
        scheme, _, token = authorization.partition(" ")
        is_right = hmac.compare_digest(token.strip().encode(), self._token)
        if scheme.lower() != "bearer" or not is_right:
            message = "give the token of the server in the header: Authorization: Bearer TOKEN"
            raise ApiError(401, message, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})


def client_of(scope: Scope) -> str:
    """Returns the address of the client of a request."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def known_names(settings: ServeConfig) -> frozenset[str]:
    """Returns the names, in lower case, by which the server may be addressed."""
    own = {"localhost", settings.host.lower()}
    if not is_loopback(settings.host):
        own |= {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset(own | {name.lower() for name in settings.allowed_hosts})


def host_name(host: str) -> str:
    """Returns the name or address in a header `Host`, without the port and brackets, in lower case.

    >>> host_name("LOCALHOST:8000"), host_name("[::1]:8000"), host_name("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().removesuffix(".")


def is_address(name: str) -> bool:
    """Returns whether a name is the address of a machine, such as 127.0.0.1 or ::1."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Returns whether a server that listens on a host can be reached from this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    return host.lower() == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)

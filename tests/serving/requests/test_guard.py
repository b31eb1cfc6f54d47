"""Who may ask: names of the server, pages of other origins, the token, and the headers of every response."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from halo.serving.requests.guard import is_loopback, known_names

NEXT = {"text": "the"}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "10.1.2.3", "localhost."])
def test_addresses_and_known_names_are_answered(client: Callable[..., TestClient], host: str) -> None:
    assert client().post("/api/next", json=NEXT, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", "", "localhost.evil.example", "[evil"])
def test_unknown_names_are_refused_also_for_the_page(client: Callable[..., TestClient], host: str) -> None:
    for path in ("/api/models", "/", "/healthz", "/nothing"):
        assert client().get(path, headers={"Host": host}).status_code == 421


def test_further_names_can_be_allowed(client: Callable[..., TestClient]) -> None:
    allowed = client("allowed_hosts=[Halo.example]")
    assert allowed.get("/healthz", headers={"Host": "halo.example:80"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "file://"])
def test_pages_of_other_origins_are_refused(client: Callable[..., TestClient], origin: str) -> None:
    response = client().post("/api/next", json=NEXT, headers={"Host": "127.0.0.1:8000", "Origin": origin})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "other_origin"
    assert "access-control-allow-origin" not in response.headers


def test_the_own_page_and_allowed_ones_are_answered(client: Callable[..., TestClient]) -> None:
    own = {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}
    assert client().post("/api/next", json=NEXT, headers=own).status_code == 200
    allowing = client("allowed_origins=[https://notes.example]")
    response = allowing.post("/api/next", json=NEXT, headers={"Origin": "https://notes.example"})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "https://notes.example"
    assert allowing.post("/api/next", json=NEXT, headers={"Origin": "https://other.example"}).status_code == 403


def test_the_token_is_needed_for_all_but_the_page_and_health(client: Callable[..., TestClient]) -> None:
    guarded = client("token=open-sesame")
    for path in ("/healthz", "/openapi.json"):
        assert guarded.get(path).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer open-sesam"}, {"Authorization": "Basic open-sesame"}):
        for path in ("/api/models", "/metrics", "/v1/models", "/api/card"):
            response = guarded.get(path, headers=wrong)
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
    assert guarded.get("/api/models", headers={"Authorization": "bearer open-sesame"}).status_code == 200


def test_every_response_has_the_headers_of_security(client: Callable[..., TestClient]) -> None:
    for response in (client().get("/healthz"), client().get("/nothing"), client().get("/", headers={"Host": "x"})):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


def test_requests_of_a_client_are_limited_but_not_those_of_monitors(client: Callable[..., TestClient]) -> None:
    limited = client("requests_per_minute=2")
    statuses = [limited.get("/api/models").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert limited.get("/healthz").status_code == 200
    assert int(limited.get("/api/models").headers["retry-after"]) >= 1


def test_names_of_a_server_for_other_machines(settings: Callable[..., object]) -> None:
    assert known_names(settings()) == {"localhost", "127.0.0.1"}  # type: ignore[arg-type]
    assert not is_loopback("192.168.0.1")
    assert not is_loopback("example.org")
    assert is_loopback("127.0.0.2")

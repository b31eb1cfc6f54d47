"""Requests are counted by endpoint, get an id, and an unexpected fault is answered without its message."""

import logging
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from halo.serving.answers.served_model import ServedModel


def test_requests_and_words_are_counted(client: Callable[..., TestClient]) -> None:
    tried = client()
    tried.post("/api/generate", json={"text": "the", "num_words": 3})
    tried.post("/api/score", json={"text": "the virus"})
    tried.get("/a/secret/path")
    figures = tried.get("/metrics").text
    assert 'halo_requests_total{endpoint="/api/generate",method="POST",status="200"} 1.0' in figures
    assert 'halo_words_total{done="generated"} 3.0' in figures
    assert 'halo_words_total{done="scored"} 2.0' in figures
    assert "halo_active_streams 0.0" in figures
    assert "process_resident_memory_bytes" in figures
    assert 'halo_request_seconds_count{endpoint="/api/score"} 1.0' in figures
    assert "secret" not in figures


def test_request_ids_are_kept_or_made(client: Callable[..., TestClient]) -> None:
    assert client().get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    made = client().get("/healthz", headers={"X-Request-ID": "with space"}).headers["x-request-id"]
    assert len(made) == 32


def test_a_fault_is_answered_and_logged_without_text(
    client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: ServedModel, text: str, **_: object) -> None:
        raise RuntimeError(f"cannot read {text}")

    monkeypatch.setattr(ServedModel, "next_words", fail)
    with caplog.at_level(logging.DEBUG):
        response = client().post("/api/next", json={"text": "private"})
    assert response.status_code == 500
    assert response.json()["error"]["type"] == "server_error"
    assert "RuntimeError" in caplog.text
    assert "private" not in caplog.text + response.text

"""The endpoints of the page: what they return, and that what is refused has a reason."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from halo.serving.answers.served_model import ServedModel
from halo.serving.routes import event
from tests.serving.conftest import events_of


def test_models_and_their_cards_are_listed(client: Callable[..., TestClient]) -> None:
    listed = client("max_words=7").get("/api/models").json()
    (entry,) = listed["models"]
    assert entry["id"] == "tiny"
    assert entry["has_training_text"]
    assert entry["parameters"] > 0
    assert listed["limits"] == {"max_characters": 20_000, "max_words": 7}
    assert listed["sampling"]["num_words"] == 7
    assert client().get("/api/card?model=tiny").json() == {"markdown": "# A model"}
    assert client().get("/api/card?model=other").status_code == 404


def test_next_words_before_and_after_sampling(client: Callable[..., TestClient]) -> None:
    answer = client().post("/api/next", json={"text": "the", "k": 4, "temperature": 0}).json()
    assert [word["sampled_probability"] for word in answer["words"]] == [1, 0, 0, 0]
    assert answer["sampled_entropy_bits"] == 0 < answer["entropy_bits"]


def test_words_are_streamed_and_the_seed_is_returned(client: Callable[..., TestClient]) -> None:
    asked = {"text": "the virus", "num_words": 6, "num_alternatives": 3, "seed": 5, "temperature": 1.5}
    response = client().post("/api/generate", json=asked)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response.text)
    assert [name for name, _ in events] == ["word"] * 6 + ["done"]
    assert events[-1][1] == {"seed": 5, "num_words": 6}
    for _, word in events[:-1]:
        assert len(word["alternatives"]) == 3
        assert word["bits"] > 0
        assert word["rank"] >= 1
        assert 0 < word["probability"] == pytest.approx(2 ** -word["bits"])
    assert client().post("/api/generate", json=asked).text == response.text
    assert client().post("/api/generate", json={**asked, "seed": 6}).text != response.text


def test_words_are_scored_and_passages_are_found(client: Callable[..., TestClient]) -> None:
    scored = client().post("/api/score", json={"text": "The virus", "num_alternatives": 2}).json()
    assert [word["text"] for word in scored["words"]] == ["The", "virus"]
    assert scored["perplexity"] == pytest.approx(2 ** scored["bits_per_word"])
    seen = client().post("/api/seen", json={"text": "the virus spreads in", "min_words": 3}).json()
    assert seen == {"spans": [{"start": 0, "end": 20, "words": 4}]}


def test_without_its_training_text_nothing_is_seen(
    client: Callable[..., TestClient], served: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "_train_ids_N", None)
    response = client().post("/api/seen", json={"text": "the virus"})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "no_training_text"


@pytest.mark.parametrize("text", ["zyzzyva", "\U0001f600", "\0", "\u05e9\u05dc\u05d5\u05dd", "a" * 20_001, "\u200b"])
@pytest.mark.parametrize("endpoint", ["next", "generate"])
def test_texts_that_cannot_be_continued_are_refused(
    client: Callable[..., TestClient], text: str, endpoint: str
) -> None:
    response = client().post(f"/api/{endpoint}", json={"text": text})
    assert response.status_code == 422
    assert response.json()["error"]["param"] == "text"
    assert len(response.json()["error"]["message"]) < 200


@pytest.mark.parametrize("text", ["", " \n\n ", "\U0001f600", "\0"])
def test_texts_without_words_are_not_scored(client: Callable[..., TestClient], text: str) -> None:
    assert client().post("/api/score", json={"text": text}).status_code == 422


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"text": "the", "k": 501}, "k"),
        ({"text": "the", "bogus": 1}, "bogus"),
        ({"text": "the", "model": "other"}, "model"),
        ({"text": ["the"]}, "text"),
        ({"text": "the", "\ufffe": 1}, "\ufffd"),
    ],
)
def test_wrong_fields_are_named(client: Callable[..., TestClient], fields: dict[str, Any], param: str) -> None:
    response = client().post("/api/next", json=fields)
    assert response.status_code in (404, 422)
    assert response.json()["error"]["param"] == param


def test_a_busy_server_says_when_to_try_again(client: Callable[..., TestClient]) -> None:
    busy = client("concurrent_requests=1")
    with busy.app.state.service.slots.take():  # type: ignore[attr-defined]
        for path, fields in (("/api/next", {}), ("/api/generate", {}), ("/v1/completions", {"model": "tiny"})):
            response = busy.post(path, json=fields)
            assert response.status_code == 503
            assert response.headers["retry-after"] == "2"
    assert busy.post("/api/next", json={}).status_code == 200


def test_health_counts_requests(client: Callable[..., TestClient]) -> None:
    assert client().get("/healthz").json() == {"status": "ok", "models": 1, "requests": 0}


def test_events_hold_one_line_of_json() -> None:
    assert event("word", {"text": "a\n\nb\u2028"}).count("\n") == 3

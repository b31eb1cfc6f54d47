"""The endpoint /v1/classify: labels, limits and errors as those of the others; not there without a classifier."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from halo.api.classifier import Classifier
from halo.config import ServeConfig
from halo.serving.answers.served_classifier import ServedClassifier
from halo.serving.answers.served_model import ServedModel
from halo.serving.app import create_app
from tests.support.opened_classifiers import word_classifier


@pytest.fixture
def classifying(settings: Callable[..., ServeConfig]) -> Callable[..., TestClient]:
    """Returns a client of a server with a classifier alone, with changed settings."""
    classifier = ServedClassifier("labels", Classifier(word_classifier({"virus": 3.0})))

    def client(*changes: str, models: dict[str, ServedModel] | None = None) -> TestClient:
        app = create_app(models or {}, settings(*changes), classifiers={"labels": classifier})
        return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)

    return client


def test_texts_get_labels_and_words(classifying: Callable[..., TestClient]) -> None:
    client = classifying()
    answer = client.post("/v1/classify", json={"input": ["the virus", "the air"], "explain": True}).json()
    assert [each["label"] for each in answer["data"]] == ["good", "bad"]
    assert sum(answer["data"][0]["probabilities"].values()) == pytest.approx(1)
    assert answer["data"][0]["words"][1] == {
        **{"text": "virus", "start": 4, "end": 9},
        "weight": pytest.approx(3.0, abs=1e-4),
    }
    assert client.post("/v1/classify", json={"input": "the air", "model": "labels"}).json()["data"][0]["words"] is None
    assert 'halo_words_total{done="classified"} 6.0' in client.get("/metrics").text
    listed = client.get("/api/models").json()
    assert listed["models"] == []
    assert [(each["id"], each["labels"]) for each in listed["classifiers"]] == [("labels", ["bad", "good"])]
    assert client.get("/healthz").json()["models"] == 1


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"input": ""}, 400, "text='': contains no words"),
        ({"input": ["a", "😀"]}, 400, "contains no words"),
        ({"input": "a" * 101}, 400, "input: 101 characters; at most 100 are allowed"),
        ({"input": ["a" * 60, "b" * 60]}, 400, "input: 120 characters"),
        ({"input": "a", "model": "other"}, 404, "this server has no classifier of this name; /api/models lists 1"),
        ({"input": "a", "text": "b"}, 400, "text: is unknown"),
        ({}, 400, "input: is missing"),
    ],
)
def test_what_cannot_be_answered_has_a_reason(
    body: dict[str, Any], status: int, message: str, classifying: Callable[..., TestClient]
) -> None:
    response = classifying("max_characters=100").post("/v1/classify", json=body)
    assert response.status_code == status
    assert message in response.json()["error"]["message"]


def test_the_endpoint_is_described_where_it_is(
    classifying: Callable[..., TestClient], client: Callable[..., TestClient]
) -> None:
    document = classifying("max_characters=77").get("/openapi.json").json()
    assert document["components"]["schemas"]["ClassifyFields"]["properties"]["input"]["anyOf"][0]["maxLength"] == 77
    assert {"400", "413", "429", "503"} <= document["paths"]["/v1/classify"]["post"]["responses"].keys()
    assert "/v1/classify" not in client().get("/openapi.json").json()["paths"]
    assert client().post("/v1/classify", json={"input": "a"}).status_code == 404


def test_a_server_without_language_model_says_so(classifying: Callable[..., TestClient], served: ServedModel) -> None:
    for path, body in (
        ("/api/next", {"text": "a"}),
        ("/api/score", {"text": "a"}),
        ("/v1/completions", {"model": "m", "prompt": "a"}),
    ):
        response = classifying().post(path, json=body)
        assert response.status_code == 404
        assert "model: this server has no language model" in response.json()["error"]["message"]
    both = classifying(models={"tiny": served})
    assert both.post("/api/score", json={"text": "the virus"}).status_code == 200
    assert both.post("/v1/classify", json={"input": "the virus"}).status_code == 200

"""The application keeps what its OpenAPI document promises, whatever it is asked."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from halo.api.classifier import Classifier
from halo.serving.answers.served_classifier import ServedClassifier
from halo.serving.answers.served_model import ServedModel
from halo.serving.app import create_app
from tests.serving.conftest import Home, serve_config
from tests.support.opened_classifiers import tiny_classifier


def test_the_document_is_complete(client: Callable[..., TestClient]) -> None:
    document = client("max_words=9", "max_characters=77").get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert method == "get" or {"400", "413", "415", "429", "503"} <= operation["responses"].keys()
            for status, response in operation["responses"].items():
                (content, *_) = response["content"].values()
                assert status == "200" or content["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
    fields = document["components"]["schemas"]["GenerateFields"]["properties"]
    assert fields["text"]["maxLength"] == 77
    assert fields["num_words"]["anyOf"][0]["maximum"] == 9
    assert fields["num_words"]["default"] == 9
    assert "security" not in document
    assert "security" in client("token=open-sesame").get("/openapi.json").json()


def test_no_page_loads_from_another_server(client: Callable[..., TestClient]) -> None:
    for path in ("/docs", "/redoc"):
        assert client().get(path).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/next"), ("GET", "/v1/completions"), ("PUT", "/healthz")])
def test_other_methods_are_named(client: Callable[..., TestClient], method: str, path: str) -> None:
    response = client().request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"]
    assert response.json()["error"]["message"]


load_all_checks()


@pytest.fixture(scope="module")
def described(home: Home, served: ServedModel) -> schemathesis.BaseSchema:
    changes = ["max_words=6", "max_characters=100", "requests_per_minute=0", "allowed_hosts=[testserver]"]
    classifier = ServedClassifier("labels", Classifier(tiny_classifier()))
    app = create_app({"tiny": served}, serve_config(home, *changes), classifiers={"labels": classifier})
    return schemathesis.openapi.from_asgi("/openapi.json", app)


CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
)
"""Not `positive_data_acceptance`: whether a model knows the words of a text, no schema says."""


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_answers_are_as_described(described: schemathesis.BaseSchema, mode: GenerationMode) -> None:
    operations = [each.ok() for each in described.get_all_operations() if isinstance(each, Ok)]
    asked: set[str] = set()
    for operation in operations:
        if mode.is_negative and not operation.body:
            continue
        number = 8 if operation.body else 3 if operation.query or operation.path_parameters else 1

        @settings(max_examples=number, derandomize=True, suppress_health_check=[*HealthCheck])
        @given(operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case[Any]) -> None:
            asked.add(case.operation.label)
            case.call_and_validate(checks=list(CHECKS))

        check()
    assert len(asked) == (6 if mode.is_negative else len(operations))

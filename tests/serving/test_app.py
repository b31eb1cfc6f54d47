"""The application keeps what its OpenAPI document promises, whatever it is asked."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient


def test_the_document_is_complete(client: Callable[..., TestClient]) -> None:
    document = client("max_words=9", "max_characters=77").get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert method == "get" or {"400", "413", "415", "429", "503"} <= operation["responses"].keys()
            for status, response in operation["responses"].items():
                schema = next(iter(response["content"].values()))["schema"]
                assert status == "200" or schema == {"$ref": "#/components/schemas/ErrorBody"}
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

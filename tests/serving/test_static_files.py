"""The files of the page are found by their names, and no others."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from halo.serving.requests.errors import answer_http_error
from halo.serving.static_files import page_router


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    folder = tmp_path / "page"
    (folder / "inner").mkdir(parents=True)
    for name in ("index.html", "app.js", "notes.txt", "inner/deep.js", "../outside.js"):
        (folder / name).write_text(name, encoding="utf-8")
    app = FastAPI(exception_handlers={HTTPException: answer_http_error})
    app.include_router(page_router(folder))
    return TestClient(app)


def test_the_page_and_its_files_have_their_types(client: TestClient) -> None:
    assert client.get("/").text == "index.html"
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert client.get("/static/app.js").headers["content-type"].startswith("text/javascript")
    assert client.head("/").status_code == 200
    assert client.get("/static/inner/deep.js").text == "inner/deep.js"


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "inner",
        "inner%2f..%2fapp.js",
        "deep.js",
        "../outside.js",
        "..%2foutside.js",
        "%2e%2e/outside.js",
        "a%00.js",
    ],
)
def test_other_files_are_not_served(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404

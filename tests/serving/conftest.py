"""A small served model with its training text, and clients of a server in this process."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from fastapi import FastAPI
from fastapi.testclient import TestClient

from halo.bundle.saving import save_bundle
from halo.config import SavedConfig, ServeConfig, parse
from halo.models.model_spec import build_model
from halo.serving.answers.opening import open_models
from halo.serving.answers.served_model import ServedModel
from halo.serving.app import create_app
from halo.serving.server import Server, address_of, listen
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import compose_config, data_config, model_config

TEXT = (
    "The virus spreads in the air, and the people of the town stay at home. "
    'The doctors\' advice was: wash your hands (often). She said "no" to the second vaccine.'
)
"""The training text of the model."""


class Home(NamedTuple):
    """Where the served model and its training text are."""

    bundle: Path
    cache: Path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A bundle with random weights, and a cache with its training text."""
    folder = tmp_path_factory.mktemp("served")
    config, lowered = data_config(), TEXT.lower()
    tokenizer = TextTokenizer.train([lowered], kind="word", min_count=1, max_size=None)
    torch.manual_seed(1)
    model = build_model(model_config("lstm"), tokenizer.words())
    saved = SavedConfig(data=config, model=model_config("lstm"))
    save_bundle(
        folder / "tiny" / "bundle",
        model=model,
        tokenizer=tokenizer,
        word_statistics=WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {}),
        config=saved,
        metrics={},
        model_card="---\nlicense: mit\n---\n\n# A model",
    )
    corpus = folder / "cache" / "0123456789abcdef"
    corpus.mkdir(parents=True)
    tokenizer.save(corpus / "tokenizer.json")
    np.save(corpus / "train.npy", np.array([*tokenizer.encode(lowered), tokenizer.eos_id] * 2, dtype=np.uint16))
    return Home(folder / "tiny" / "bundle", folder / "cache")


@cache
def serve_config(home: Home, *changes: str) -> ServeConfig:
    """Returns the settings of a server of the model, with changes such as "max_words=5"."""
    fixed = [f"bundle={home.bundle}", f"cache_dir={home.cache}", "device=cpu", "port=0", "threads=2"]
    return parse(compose_config("serve", [*fixed, *changes]), ServeConfig)


@pytest.fixture
def settings(home: Home) -> Callable[..., ServeConfig]:
    """Returns the settings of a server, with changes."""
    return partial(serve_config, home)


@pytest.fixture(scope="session")
def served(home: Home) -> ServedModel:
    """The model, loaded once."""
    (model,) = open_models(serve_config(home)).values()
    return model


@pytest.fixture
def app(served: ServedModel, settings: Callable[..., ServeConfig]) -> Callable[..., FastAPI]:
    """Returns an application with the model, with changed settings."""
    return lambda *changes: create_app({"tiny": served}, settings(*changes))


@pytest.fixture
def client(app: Callable[..., FastAPI]) -> Callable[..., TestClient]:
    """Returns a client of such an application, in this process."""
    return lambda *changes: TestClient(app(*changes), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def live(app: Callable[..., FastAPI], settings: Callable[..., ServeConfig]) -> Iterator[Callable[..., str]]:
    """Starts such an application on a free port of this machine, and returns its address."""
    running: list[tuple[Server, threading.Thread]] = []

    def start(*changes: str) -> str:
        listener = listen(settings(*changes))
        server = Server(app(*changes))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.005)
        return address_of(listener).rstrip("/")

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=10)


def events_of(body: str) -> list[tuple[str, Any]]:
    """Returns the server-sent events of a response."""
    blocks = [block.split("\n", 1) for block in body.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]

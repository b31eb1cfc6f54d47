"""A real browser on a real server with two tiny models, for the tests of the page."""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from halo.bundle.saving import save_bundle
from halo.config import SavedConfig, TrainConfig, parse
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import compose_config

CHROMIUM = "/usr/bin/chromium"
SCRIPT = "<script>document.title='taken'</script>"
TEXT = f"the virus spreads in the air and people who wore masks were safe {SCRIPT} . people , who were in the air"
CARD = """\
# Card

A *tiny* model, see [a page](https://example.org) and [no page](javascript:alert(1)).

- <b>bold</b>
"""
PATIENCE_MS = 20_000


def save_tiny_model(folder: Path, *, seed: int) -> None:
    """Saves a model with random weights and a vocabulary of a few words, one of which is a script element."""
    small = [
        "run_dir=x",
        "model.hidden=6",
        "model.embedding=6",
        "model.pointer_tokens=null",
        "data.tokenizer.kind=whitespace",
    ]
    config = parse(compose_config("train", [*small, "data.cleaning.steps=[]"]), TrainConfig)
    tokenizer = TextTokenizer.train([TEXT], kind="whitespace", min_count=1, max_size=None)
    torch.manual_seed(seed)
    model = build_model(config.model, tokenizer.words())
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight))
        model.get_parameter("output.bias")[tokenizer.eos_id] = -30  # so that each token that is written is a word
    save_bundle(
        folder,
        model=model,
        tokenizer=tokenizer,
        word_statistics=WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {}),
        config=SavedConfig(data=config.data, model=config.model),
        metrics={},
        model_card=CARD,
    )


@contextlib.contextmanager
def running_server(*folders: Path, settings: list[str]) -> Iterator[str]:
    """Serves models in a thread; yields the address of the page."""
    pytest.importorskip("fastapi", reason="needs the extra `serve`")
    import uvicorn

    from halo.config import ServeConfig
    from halo.serving.answers.opening import open_classifiers, open_models
    from halo.serving.app import create_app
    from halo.serving.server import address_of, listen

    config = parse(
        compose_config("serve", [f"models=[{','.join(map(str, folders))}]", "port=0", "device=cpu", *settings]),
        ServeConfig,
    )
    app = create_app(open_models(config), config, classifiers=open_classifiers(config))
    listener = listen(config)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address_of(listener)
    server.should_exit = True
    thread.join(10)
    listener.close()
    app.state.service.workers.close()


@contextlib.contextmanager
def running_browser() -> Iterator[Any]:
    """Yields a headless Chromium; skips the test where there is none."""
    if not Path(CHROMIUM).exists() and shutil.which("chromium") is None:
        pytest.skip(f"no browser: {CHROMIUM}")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def serious_problems(page: Any, *, rules: list[str] | None = None) -> list[str]:
    """Returns what axe-core finds serious or critical on a page, by all of its rules or some."""
    from axe_playwright_python.sync_playwright import Axe

    found = (
        Axe()
        .run(page, options={"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {}))
        .response["violations"]
    )
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]

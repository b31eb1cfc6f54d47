"""The page of a classifier in a real browser: label, bars and telling words; beside a model it is one tab more."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXHAUSTIVE
from tests.support.browsing import (
    PATIENCE_MS,
    SCRIPT,
    running_browser,
    running_server,
    save_tiny_model,
    serious_problems,
)
from tests.support.opened_classifiers import saved_classifier, tiny_classifier

TEXT = f"The virus 🦠 spreads so fast, {SCRIPT} doctors don't know why"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    saved_classifier(folder / "labels", tiny_classifier(labels=("bad", "good", "neither ü")))
    save_tiny_model(folder / "model", seed=1)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as browser:
        yield browser


def open_page(browser: Any, address: str, *, width: int = 1280, dark: bool = False) -> Any:
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(address)
    return page


def classified(page: Any) -> None:
    page.fill("#classify-text", TEXT)
    page.press("#classify-text", "Control+Enter")
    page.locator("#status", has_text=re.compile("^Label: ")).wait_for()


def test_a_classifier_alone_has_one_view(browser: Any, folder: Path) -> None:
    with running_server(folder / "labels", settings=[]) as address:
        page = open_page(browser, address)
        page.wait_for_selector("#classify-text")
        assert page.locator("[role=tab]:visible").all_inner_texts() == ["Classify"]
        assert "3 labels: bad, good, neither ü." in page.inner_text("#classifier-facts")
        page.click("#classify-button")
        page.locator("#status", has_text="There is no text to classify yet.").wait_for()
        classified(page)
        shares = page.locator(".bars .figure").all_inner_texts()
        assert len(shares) == 3
        assert page.inner_text(".decision strong") == page.locator(".bars .name").first.inner_text()
        assert page.inner_text("p.words") == TEXT
        marked = page.locator("p.words .word").all_inner_texts()
        assert marked[:3] == ["The", "virus", "🦠"]
        listed = page.locator(".telling bdi").all_inner_texts()
        assert listed
        assert {*listed} <= {*marked}
        assert page.title() == "Semblance Halo", "no script of a text has run"
        assert serious_problems(page) == []
        page.reload()
        page.wait_for_selector("#classify-text")
        assert page.input_value("#classify-text") == TEXT
        page.context.close()
        page = open_page(browser, address, width=400, dark=True)
        page.wait_for_selector("#classify-text")
        page.fill("#classify-text", "y" * 300)
        page.click("#classify-button")
        page.wait_for_selector(".decision")
        classified(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        assert serious_problems(page, rules=["color-contrast"]) == []
        page.context.close()


@EXHAUSTIVE
def test_beside_a_model_it_is_a_tab(browser: Any, folder: Path) -> None:
    with running_server(folder / "model", folder / "labels", settings=[]) as address:
        page = open_page(browser, address)
        page.wait_for_selector(".next li")
        assert page.locator("[role=tab]:visible").all_inner_texts() == ["Write", "Read", "Classify", "Model"]
        page.locator("#tab-read").focus()
        page.keyboard.press("ArrowRight")
        assert page.is_visible("#classify")
        classified(page)
        page.click("#tab-card")
        page.wait_for_selector(".card h2")
        page.context.close()
    with running_server(folder / "model", settings=[]) as address:
        page = open_page(browser, address)
        page.wait_for_selector(".next li")
        assert page.locator("[role=tab]:visible").all_inner_texts() == ["Write", "Read", "Model"]
        page.context.close()

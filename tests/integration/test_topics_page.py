"""The page of topics in a real browser without a network: drawn, legible, and without a fault at any width."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from halo.topic_modelling.page import write_topics_page
from tests.conftest import EXHAUSTIVE
from tests.support.browsing import PATIENCE_MS, running_browser, serious_problems
from tests.support.report_pages import HOSTILE
from tests.support.topics import crossed_topics, topic_result

pytestmark = pytest.mark.exhaustive

pytest.importorskip("plotly", reason="needs the extra `topics`")
pytest.importorskip("sklearn", reason="needs the extra `topics`")

CHARTS = ("map", "time", "surprisal")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of topics of hostile texts."""
    result = topic_result(text=HOSTILE)
    file = tmp_path_factory.mktemp("topics") / "topics.html"
    write_topics_page(result, crossed_topics(result), file, passages=2, seed=1)
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as browser:
        yield browser


def open_page(browser: Any, file: Path, *, width: int, dark: bool, bypass_csp: bool = False) -> tuple[Any, list[str]]:
    """Returns the page, and what went wrong on it: failed scripts, and requests for anything but its own file."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        offline=True,
        bypass_csp=bypass_csp,
    )
    context.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: problems.append(request.url) if request.url != file.as_uri() else None)
    page.goto(file.as_uri())
    page.wait_for_selector("#chart-surprisal .main-svg")
    return page, problems


def test_all_charts_are_drawn_and_topics_can_be_hidden(browser: Any, file: Path) -> None:
    page, problems = open_page(browser, file, width=1280, dark=False)
    for name in CHARTS:
        assert page.locator(f"#chart-{name} .scatterlayer .trace").count() > 0, name
    page.locator("#map .entries input").first.focus()
    page.keyboard.press("Space")
    visible = "document.getElementById('chart-map').data.map(each => each.visible !== false)"
    assert page.evaluate(visible) == [False, True, True]
    assert page.title() == "3 topics of 90 paragraphs"
    assert problems == []
    page.context.close()


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=EXHAUSTIVE)])
def test_a_narrow_page_has_no_fault(browser: Any, file: Path, dark: bool) -> None:
    page, _ = open_page(browser, file, width=400, dark=dark, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert serious_problems(page, rules=["color-contrast"] if dark else None) == []
    page.context.close()

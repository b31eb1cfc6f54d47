"""The page of a comparison in a real browser without a network: by mouse, by keyboard, narrow, light and dark."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halo.comparing.page import write_page
from tests.conftest import EXHAUSTIVE
from tests.support.browsing import PATIENCE_MS, running_browser, serious_problems
from tests.support.comparisons import compared_run, comparison_of, curve, sweep
from tests.support.report_pages import HOSTILE

pytestmark = pytest.mark.exhaustive

pytest.importorskip("plotly", reason="needs the extra `compare`")
pytest.importorskip("optuna", reason="needs the extra `sweep`")

Page = Any
"""A page of Playwright, which is imported where there is a browser only."""

SWEEP = """\
study: rates
objectives: [validation_perplexity, minutes]
search_space: {optim.lr: {low: 1, high: 2, log: true}}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a study of 13 trials, whose best run has a report."""
    folder = tmp_path_factory.mktemp("study")
    comparison = sweep(13, folder=folder)
    for run in comparison.runs:
        record = {"state": "complete", "values": [run.value("validation"), 13 - (run.trial or 0)], "ended": run.trial}
        trial = Path(run.folder)
        trial.mkdir(parents=True)
        (trial / "trial.json").write_text(json.dumps(record))
    (Path(comparison.runs[0].folder) / "report.html").write_text("the report")
    (folder / "sweep.yaml").write_text(SWEEP)
    write_page(comparison, folder / "comparison.html")
    return folder / "comparison.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def opened(browser: Any) -> Callable[..., Page]:
    """Opens a page without a network; nothing but its own file may be asked for, and no script may fail."""

    def open_page(file: Path, *, width: int = 1280, dark: bool = False, **options: Any) -> Page:
        scheme = "dark" if dark else "light"
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: page.problems.append(request.url) if request.url != file.as_uri() else None)
        page.goto(file.as_uri())
        return page

    return open_page


@pytest.fixture(scope="module")
def page(opened: Callable[..., Page], file: Path) -> Page:
    page = opened(file)
    page.wait_for_selector("#chart-pareto .main-svg")
    return page


def shown_runs(page: Page) -> set[int]:
    """Returns the runs whose curves are drawn."""
    traces = page.evaluate(
        "document.getElementById('chart-curves').data.filter(each => each.visible !== false).map(each => each.meta.run)"
    )
    return {*traces}


def test_every_chart_is_drawn(page: Page) -> None:
    assert page.locator(".chart .main-svg").first.is_visible()
    for name in ("differences", "curves", "settings", "history", "pareto"):
        assert page.locator(f"#chart-{name} .scatterlayer .trace").count() > 0, name
    assert page.problems == []


def test_the_best_runs_are_drawn_first_and_others_on_request(page: Page) -> None:
    assert shown_runs(page) == {*range(10)}
    page.get_by_role("button", name="all 11").click()
    assert shown_runs(page) == {*range(11)}
    page.get_by_role("button", name="none").click()
    assert shown_runs(page) == set()
    page.get_by_role("button", name="best 10").click()
    page.locator(".entries input").first.focus()
    page.keyboard.press("Space")
    assert shown_runs(page) == {*range(1, 10)}
    page.keyboard.press("Space")


def test_the_horizontal_axis_can_be_chosen_by_keyboard(page: Page) -> None:
    last = "document.getElementById('chart-curves').data[0].x.at(-1)"
    title = "document.getElementById('chart-curves').layout.xaxis.title.text"
    found = []
    page.locator("#curves input[value=steps]").focus()
    for _ in range(3):
        found.append((page.evaluate(title), page.evaluate(last)))
        page.keyboard.press("ArrowRight")
    assert found == [("optimizer steps", 2000), ("training tokens", 1_440_000), ("training time in seconds", 116)]


def test_pointing_at_a_run_fades_the_others(page: Page) -> None:
    page.locator(".entries label").first.hover()
    opacities = page.evaluate("document.getElementById('chart-curves').data.map(each => each.opacity ?? 1)")
    assert (opacities[0], opacities[2]) == (1, 0.12)
    page.locator("h1").hover()
    assert {*page.evaluate("document.getElementById('chart-curves').data.map(each => each.opacity ?? 1)")} == {1}


def test_tables_are_sorted_by_their_headings(page: Page) -> None:
    def column() -> list[str]:
        texts: list[str] = page.locator("#leaderboard tbody tr td:nth-child(3)").all_inner_texts()
        return texts

    heading = page.locator("#leaderboard th", has_text="lr")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    rising = list(map(float, column()))
    assert rising == sorted(rising)
    assert heading.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert list(map(float, column())) == rising[::-1]
    validation = page.locator("#leaderboard th", has_text="validation").get_by_role("button")
    for _ in range(2):
        validation.click()
        statuses = page.locator("#leaderboard tbody tr td:last-child").all_inner_texts()
        assert statuses[-2:] == ["failed", "failed"]


def test_a_name_leads_to_the_report_of_its_run(page: Page, file: Path) -> None:
    links = page.locator("#leaderboard tbody a")
    assert links.count() == 1
    target = Path(file.parent, links.get_attribute("href"))
    assert target.read_text(encoding="utf-8") == "the report"


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=EXHAUSTIVE)])
def test_a_narrow_page_has_no_fault(opened: Callable[..., Page], file: Path, dark: bool) -> None:
    page = opened(file, width=400, dark=dark, bypass_csp=True)
    page.wait_for_selector("#chart-pareto .main-svg")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert serious_problems(page, rules=["color-contrast"] if dark else None) == []
    colour = page.evaluate("document.getElementById('chart-curves').layout.font.color")
    assert colour == ("#e6edf3" if dark else "#1f2328")
    page.context.close()


def test_the_tables_can_be_read_without_scripts(opened: Callable[..., Page], file: Path) -> None:
    page = opened(file, java_script_enabled=False)
    assert page.locator("noscript p").first.is_visible()
    assert not page.locator(".choices").first.is_visible()
    assert page.locator("#leaderboard tbody tr").count() == 13
    page.context.close()


@EXHAUSTIVE
def test_many_hostile_runs_are_drawn(opened: Callable[..., Page], tmp_path: Path) -> None:
    settings = {"optim.lr": HOSTILE, "model.hidden": 1, "model.name": "%{x} & <b>"}
    runs = [
        compared_run(number, 80 + number, settings, folder=tmp_path, name=f"{HOSTILE}{number}", group=str(number))
        for number in range(200)
    ]
    points = curve(80)
    points[2] = replace(points[2], train=None, validation=None)
    runs[0] = replace(runs[0], curve=points)
    write_page(comparison_of(runs), tmp_path / "comparison.html")
    page = opened(tmp_path / "comparison.html")
    page.wait_for_selector("#chart-settings .main-svg")
    page.get_by_role("button", name="all 200").click()
    assert shown_runs(page) == {*range(200)}
    assert page.title() == "Comparison of 200 runs"
    assert page.problems == []
    page.context.close()

"""The page is one self-contained file that browsers and screen readers can use, whatever is in the text."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from halo.reports.run_page import page
from halo.reports.run_page.page import render, try_to_write_page, write_page
from halo.reports.run_page.reported_run import ReportedRun
from halo.reports.run_page.run_metrics import RunMetrics
from halo.reports.run_page.sections import SECTIONS
from halo.runtime.errors import InputError
from tests.reports.run_page.conftest import figures
from tests.support.report_pages import HOSTILE, Page, hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")


def test_the_page_is_self_contained_and_readable_by_machines(run: ReportedRun) -> None:
    read = Page(render(run))
    assert {"script", "img", "iframe", "base"}.isdisjoint(tag for tag, _ in read.elements)
    assert [each for each in read.values("href") if not each.startswith("#")] == []
    assert {*read.values("href")} == {f"#{name}" for name in SECTIONS} <= {f"#{each}" for each in read.values("id")}
    assert len(read.values("id")) == len({*read.values("id")})
    assert sum(tag == "svg" for tag, _ in read.elements) == sum(tag == "desc" for tag, _ in read.elements) == 3
    tables = sum(tag == "table" for tag, _ in read.elements)
    assert tables == sum(tag == "caption" for tag, _ in read.elements) > 8
    assert {*read.values("scope")} == {"col", "row"}
    assert "contains excerpts of your text" in read.text
    assert "overfitting since epoch 3".capitalize() in read.text
    assert render(run) == render(run)


def test_hostile_text_is_shown_as_text(run: ReportedRun) -> None:
    assert run.corpus is not None
    assert run.metrics is not None
    part = {"tokens": 5, "share_of_nll": 0.5, "perplexity": 20.0}
    split = {**figures()["splits"]["test"], "by_label": {HOSTILE: part}, "by_frequency": {HOSTILE: part}}
    metrics = figures(
        verdict=f"{HOSTILE}: {HOSTILE}; {HOSTILE}",
        splits=dict.fromkeys(("train", "validation", "test"), split),
        samples=[HOSTILE, "שלום", "x" * 9999],
        environment={HOSTILE: HOSTILE},
        early_end=HOSTILE,
        chosen_weights=HOSTILE,
    )
    changed = replace(
        run,
        folder=Path("<script>"),
        corpus=hostile(run.corpus),
        metrics=RunMetrics.read(metrics, place=""),
        settings={**(run.settings or {}), HOSTILE: HOSTILE},
    )
    text = render(changed)
    read = Page(text)
    assert {"script", "img"}.isdisjoint(tag for tag, _ in read.elements)
    assert "\u202e" not in text
    assert read.text.count("alert(1)") > 10


@pytest.mark.parametrize(
    "change", [{"metrics": None}, {"corpus": None, "without_corpus": "gone.txt: no such file"}, {"settings": None}]
)
def test_parts_that_are_not_at_hand_are_left_out_and_said(run: ReportedRun, change: dict[str, Any]) -> None:
    read = Page(render(replace(run, **change)))
    left_out = read.text.count("Left out: ")
    assert left_out == {"metrics": 7, "corpus": 5, "settings": 0}[next(iter(change))]


def test_a_page_that_cannot_be_written_is_one_line(
    run: ReportedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "render", lambda _: "the page")
    write_page(run, tmp_path / "new" / "report.html")
    assert (tmp_path / "new" / "report.html").read_text() == "the page"
    with pytest.raises(InputError, match=r"new: the report cannot be written \(Is a directory\); name another file"):
        write_page(run, tmp_path / "new")


def test_a_finished_run_is_not_lost_if_its_page_cannot_be_drawn(
    run: ReportedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> str:
        raise ZeroDivisionError("no\nreason")

    monkeypatch.setattr(page, "render", fail)
    with caplog.at_level(logging.WARNING):
        try_to_write_page(lambda: run, tmp_path)
    assert caplog.messages == [
        "No report.html (ZeroDivisionError: no reason); the run is complete, `python -m halo.report` tries again"
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[dev]'")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM}")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
def test_a_browser_finds_no_fault(run: ReportedRun, tmp_path: Path, browser: "Browser", scheme: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: pip install -e '.[dev]'")
    file = tmp_path / "report.html"
    write_page(run, file)
    context = browser.new_context(viewport={"width": 400, "height": 900}, color_scheme=scheme, bypass_csp=True)
    try:
        shown, requests = context.new_page(), []
        shown.on("request", lambda request: requests.append(request.url))
        shown.goto(file.as_uri())
        assert requests == [file.as_uri()]
        assert shown.evaluate("document.documentElement.scrollWidth") <= 400
        shown.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert shown.evaluate("document.documentElement.scrollWidth") <= 400
        options = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
        faults = axe.Axe().run(shown, options=options).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in faults] == []
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.textContent") == "Verdict"
    finally:
        context.close()

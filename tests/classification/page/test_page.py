"""The page is one self-contained file that browsers and screen readers can use, whatever is in the text."""

import logging
from pathlib import Path

import pytest

from halo.classification.page import page
from halo.classification.page.page import render, try_to_write_page
from halo.classification.page.sections import SECTIONS
from tests.support.browsing import running_browser, serious_problems
from tests.support.classified_pages import page_material
from tests.support.report_pages import HOSTILE, Page


def test_the_page_is_self_contained_and_has_every_section() -> None:
    material = page_material()
    read = Page(render(material))
    assert {"script", "img", "iframe", "base"}.isdisjoint(tag for tag, _ in read.elements)
    assert {*read.values("href")} == {f"#{name}" for name in SECTIONS}
    assert len(read.values("id")) == len({*read.values("id")})
    assert sum(tag == "svg" for tag, _ in read.elements) == sum(tag == "desc" for tag, _ in read.elements) == 2
    for part in ("TF-IDF with logistic regression", "taken for", "5-fold cross-validation", "most telling", "excerpts"):
        assert part in read.text
    assert render(material) == render(material)


def test_a_page_without_extras_leaves_their_sections_out_and_has_no_text() -> None:
    read = Page(render(page_material(full=False)))
    assert {*read.values("href")} == {"#verdict", "#models", "#classes", "#calibration"}
    assert "excerpts of your text" not in read.text


def test_hostile_labels_and_words_are_shown_as_text() -> None:
    text = render(page_material(labels=(HOSTILE, "b", "c"), word=HOSTILE))
    assert {"script", "img"}.isdisjoint(tag for tag, _ in Page(text).elements)
    assert "\u202e" not in text


def test_a_page_that_cannot_be_written_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(page, "render", lambda _: "the page")
    assert try_to_write_page(page_material(full=False), tmp_path)
    assert (tmp_path / page.FILE_NAME).read_text(encoding="utf-8") == "the page"
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        assert not try_to_write_page(page_material(full=False), tmp_path / "file")
    assert "the run is complete" in caplog.text


@pytest.mark.exhaustive
def test_a_browser_shows_the_page_without_problems_on_wide_and_narrow_screens(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(render(page_material()), encoding="utf-8")
    with running_browser() as browser:
        for width in (1280, 400):
            shown = browser.new_page(viewport={"width": width, "height": 900})
            problems: list[str] = []
            shown.on("console", lambda message, found=problems: found.append(message.text))
            shown.goto(file.as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            assert problems == []
            assert serious_problems(shown) == []

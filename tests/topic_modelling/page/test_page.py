"""The page: complete, safe with any text, and without text where none is wanted."""

import sys
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.page import require_page_packages, write_topics_page
from halo.topic_modelling.page.page import render
from halo.topic_modelling.page.sections import SECTIONS
from tests.support.report_pages import HOSTILE, Page
from tests.support.topics import crossed_topics, material, topic_result

pytest.importorskip("plotly", reason="needs the extra `topics`")
pytest.importorskip("sklearn", reason="needs the extra `topics`")


SMALL = 30
"""Texts of a map that is drawn at once."""


def test_every_section_is_there() -> None:
    page = Page(render(material(topic_result(size=SMALL))))
    assert {*SECTIONS} <= {*page.values("id")}
    assert "do not build on it" in page.text
    assert "text 3 about ventilation" in page.text
    assert "mean nothing" in page.text
    policy = next(each for each in page.values("content") if "default-src" in each)
    assert policy.startswith("default-src 'none'")


def test_hostile_text_stays_text() -> None:
    page = Page(render(material(topic_result(size=SMALL, text=HOSTILE, words=([HOSTILE, "a", "b"], ["c"], ["d"])))))
    assert [tag for tag, _ in page.elements].count("script") == 2 + 3  # the library, charts.js and the data of charts
    assert "img" not in {tag for tag, _ in page.elements}
    assert not [each for _, attributes in page.elements for each in attributes if each.startswith("on")]


def test_without_passages_no_text_is_on_the_page() -> None:
    result = topic_result(size=SMALL)
    text = render(material(result, passages=0))
    assert not any(each in text for each in result.units.texts)
    assert "passages" not in Page(text).values("id")


def test_what_is_not_known_is_left_out() -> None:
    result = topic_result(size=SMALL, is_dated=False, lda=False)
    page = Page(render(material(result, CrossedTopics([], [], None))))
    assert {*SECTIONS} - {*page.values("id")} == {"time", "label", "sentiment", "surprisal"}
    assert "LDA was left out" in page.text


def test_a_page_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = topic_result(size=3)
    with pytest.raises(InputError, match=r"file/topics\.html: the page cannot be written .*page=false"):
        write_topics_page(result, crossed_topics(result), tmp_path / "file" / "topics.html", passages=1, seed=1)


def test_a_missing_package_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(InputError, match=r"page=false.*pip install 'semblance-halo\[topics\]'"):
        require_page_packages()

"""The sections of the page, each with its template."""

from dataclasses import replace

import pytest
from markupsafe import Markup

from halo.corpus.corpus import Corpus
from halo.reports.data_report.page import TEMPLATES, render_section
from halo.reports.data_report.sections import SECTIONS, settings_context
from tests.support.report_pages import FIGURES, Page, changed

DRAWINGS = dict.fromkeys(FIGURES, Markup("<svg></svg>"))


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_has_a_template_that_can_be_filled(corpus: Corpus, name: str) -> None:
    assert (TEMPLATES / f"{name}.html.jinja").is_file()
    assert Page(render_section(name, corpus, DRAWINGS)).text.strip()


def test_words_that_cannot_be_drawn_are_in_the_table(corpus: Corpus) -> None:
    words = ["слово", "你好", "שלום", "สวัสดี"]
    other = changed(corpus, frequent=[(word, 5) for word in words])
    table = Page(render_section("words", other, DRAWINGS))
    assert all(word in table.text for word in words)


def test_settings_are_shown_as_on_the_command_line(corpus: Corpus) -> None:
    shown = {"tokenizer": {"kind": "bpe", "max_size": None}, "path": ["a.txt", "b.txt"], "lower": True}
    assert settings_context(changed(corpus, {"settings": shown}))["settings"] == {
        "data.tokenizer.kind": "bpe",
        "data.tokenizer.max_size": "null",
        "data.path": "[a.txt, b.txt]",
        "data.lower": "true",
    }


def test_shares_of_tokens_are_of_all_but_eos(corpus: Corpus) -> None:
    counts = replace(corpus.counts["train"], tokens=110, eos_tokens=10)
    other = replace(changed(corpus, frequent=[("a", 25)]), counts={**corpus.counts, "train": counts})
    assert "25.00%" in render_section("words", other, DRAWINGS)

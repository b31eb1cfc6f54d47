"""The sections of the page, each with its template."""

from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import Markup

from halo.corpus.corpus import Corpus
from halo.reports.data_report.page import TEMPLATES, render_section
from halo.reports.data_report.sections import SECTIONS, sections_of, settings_context
from tests.support.genomes import prepare_genome, random_sequence
from tests.support.report_pages import FIGURES, Page, changed

DRAWINGS = dict.fromkeys(FIGURES, Markup("<svg></svg>"))


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_has_a_template_that_can_be_filled(corpus: Corpus, name: str) -> None:
    assert (TEMPLATES / f"{name}.html.jinja").is_file()
    assert Page(render_section(name, corpus, DRAWINGS)).text.strip()


@pytest.mark.parametrize("are_dropped", [True, False])
def test_a_genome_has_sections_of_its_own(are_dropped: bool, tmp_path: Path) -> None:
    copy = random_sequence(3_000, seed=1)
    records = {"strain<1>": copy, "strain2": f"{random_sequence(50, seed=2)}{copy}"}
    genome = prepare_genome(tmp_path, records, f"data.duplicates.documents={str(are_dropped).lower()}")
    texts = {name: Page(render_section(name, genome, DRAWINGS)).text for name in sections_of(genome)}
    assert {"genome_overview", "sequences"} <= texts.keys()
    assert "strain<1>:" in texts["sequences"]
    assert ("were dropped" if are_dropped else "were kept") in texts["sequences"]
    assert "word" not in texts["genome_overview"] + texts["sequences"]


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

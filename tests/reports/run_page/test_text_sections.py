"""The sections with text show what the corpus has."""

from dataclasses import replace

import pytest
from torch import nn

from halo.reports.run_page import text_sections
from halo.reports.run_page.material import Material
from halo.reports.run_page.text_sections import data_context, samples_context, words_context


@pytest.mark.parametrize("name", ["passages", "words", "data"])
def test_without_the_text_they_are_left_out(material: Material, name: str) -> None:
    without = Material(replace(material.run, corpus=None, without_corpus="gone"))
    assert "gone" in getattr(text_sections, f"{name}_context")(without)["missing"]


def test_samples_stand_beside_as_many_excerpts(material: Material) -> None:
    context = samples_context(material)
    assert len(context["samples"]) == len(context["real"]) == 2
    without = Material(replace(material.run, corpus=None, without_corpus="gone"))
    assert samples_context(without)["real"] == []
    assert "gone" in samples_context(without)["without_real"]
    assert "missing" in samples_context(Material(replace(material.run, metrics=None)))


def test_words_need_vectors(material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(words_context(material)["neighbours"]) > 3
    monkeypatch.setattr(text_sections, "word_vectors", lambda *_: None)
    assert "no table" in words_context(material)["missing"]
    monkeypatch.undo()
    monkeypatch.setattr(text_sections, "content_words", lambda *_: [])
    assert "frequent enough" in words_context(material)["missing"]


def test_the_data_has_the_hints_of_the_data_report(material: Material) -> None:
    context = data_context(material)
    assert context["hints"]
    assert context["counts"]["train"].tokens == material.run.corpus.counts["train"].tokens  # type: ignore[union-attr]
    assert isinstance(material.run.model, nn.Module)

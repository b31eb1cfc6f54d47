"""Hints are given where they are due, and only there."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.store.statistics_file import LabelCounts
from halo.corpus.text_counts import TextCounts
from halo.reports.data_report.hints import hint_lines, hints, unknown_advice
from halo.reports.data_report.page import render_section
from tests.support.report_pages import changed


@pytest.fixture
def sound(corpus: Corpus) -> Corpus:
    """A corpus in which nothing stands out."""
    counts = {split: TextCounts(100, 90_000, 500_000, 100_000, 3_000, 1_000, 9e4) for split in SPLITS}
    labels = {split: {name: LabelCounts(50, 45_000, 50_000, 0) for name in "ab"} for split in SPLITS}
    none = {"counts": {}, "total": 0, "listed": 0, "dropped": []}
    none |= {"documents": 300, "dropped_documents": 0, "units": 1000, "dropped_units": 0}
    statistics: dict[str, Any] = {"labels": labels, "sentences": 100, "sentences_exact": 95}
    statistics |= {"cleaning": {"special": 9}, "characters_read": 1_000_000}
    same = replace(corpus, counts=counts, ids=dict.fromkeys(SPLITS, corpus.ids["train"]))
    return changed(same, {"duplicates": none}, **statistics)


def texts(corpus: Corpus) -> list[str]:
    return [hint.text for hint in hints(corpus)]


def with_counts(corpus: Corpus, split: str, **counts: int) -> Corpus:
    return replace(corpus, counts={**corpus.counts, split: replace(corpus.counts[split], **counts)})


def with_duplicates(corpus: Corpus, **counts: int) -> Corpus:
    found = {f"{kind} documents": number for kind, number in counts.items()}
    dropped = {"counts": found, "dropped_documents": sum(counts.values())}
    return changed(corpus, {"duplicates": {**corpus.manifest["duplicates"], **dropped}})


def with_label(corpus: Corpus, tokens: int) -> Corpus:
    labels = {"big <b>": LabelCounts(1, 1, tokens, 0), "small": LabelCounts(1, 1, 100, 0)}
    return changed(corpus, labels=dict.fromkeys(SPLITS, labels))


def test_nothing_is_said_where_nothing_stands_out(sound: Corpus) -> None:
    assert hints(sound) == []


@pytest.mark.parametrize(
    ("below", "above", "hint"),
    [
        (
            lambda corpus: with_counts(corpus, "validation", unknown_tokens=9_900),
            lambda corpus: with_counts(corpus, "validation", unknown_tokens=9_901),
            r"10\.0% of the validation tokens .* a lower data\.tokenizer\.min_count \(it is 2\).*tokenizer\.kind=bpe",
        ),
        (
            lambda corpus: with_counts(corpus, "train", unknown_tokens=1),
            lambda corpus: with_counts(corpus, "train", unknown_tokens=0),
            r"No training token is unknown",
        ),
        (lambda corpus: with_label(corpus, 400), lambda corpus: with_label(corpus, 401), r"80\.0% .* label big <b>"),
        (
            lambda corpus: with_counts(corpus, "validation", tokens=10_000, unknown_tokens=1),
            lambda corpus: with_counts(corpus, "validation", tokens=9_999, unknown_tokens=1),
            r"validation split has 9,999 tokens.* a higher data\.splits\.validation\.$",
        ),
        (
            lambda corpus: with_counts(corpus, "test", tokens=10_000, unknown_tokens=1),
            lambda corpus: with_counts(corpus, "test", tokens=9_999, unknown_tokens=1),
            r"test split has 9,999 tokens",
        ),
        (
            lambda corpus: with_duplicates(corpus, exact=4, near=10),
            lambda corpus: with_duplicates(corpus, exact=5, near=10),
            r"^5 exact documents and 10 near documents \(5\.0% of the documents, .*data\.duplicates\.documents=false",
        ),
        (
            lambda corpus: changed(corpus, cleaning={"special": 10_000}),
            lambda corpus: changed(corpus, cleaning={"special": 10_040}, removed={"😀": 10_040}),
            r"1\.0% of the characters, most often 😀 \(10,040\)",
        ),
        (
            lambda corpus: changed(corpus, sentences_exact=90),
            lambda corpus: changed(corpus, sentences_exact=89),
            r"Only 89\.0% of the sentences",
        ),
    ],
    ids=["unknown", "never unknown", "one label", "validation", "test", "duplicates", "special", "round trip"],
)
def test_a_hint_comes_when_it_is_due_and_only_then(
    sound: Corpus, below: Callable[[Corpus], Corpus], above: Callable[[Corpus], Corpus], hint: str
) -> None:
    assert texts(below(sound)) == []
    (found,) = texts(above(sound))
    assert re.search(hint, found)


def test_hints_name_only_settings_that_change_something(sound: Corpus) -> None:
    settings = sound.manifest["settings"]
    limited = {**settings, "tokenizer": {**settings["tokenizer"], "min_count": 1, "max_size": 5_000}}
    (found,) = texts(with_counts(changed(sound, {"settings": limited}), "validation", unknown_tokens=30_000))
    assert "a higher data.tokenizer.max_size (it is 5,000)" in found
    assert "min_count" not in found
    small = with_counts(sound, "validation", tokens=10, unknown_tokens=0)
    by_ratio = {**settings, "splits": {**settings["splits"], "validation_ratio": 3}}
    assert "data.splits.validation_ratio" in texts(changed(small, {"settings": by_ratio}))[0]
    given = [{**file, "split": "train"} for file in sound.manifest["files"]]
    assert "data.splits" not in texts(changed(small, {"files": given}))[0]


def test_hints_stand_in_the_overview(sound: Corpus) -> None:
    assert "Nothing stands out" in render_section("overview", sound, {})
    text = render_section("overview", with_label(sound, 1_000), {})
    assert "label big &lt;b&gt;." in text
    assert "Nothing stands out" not in text


def unigram_shift(corpus: Corpus, split: str) -> Corpus:
    """Replaces the text of a split by its rarest token."""
    rarest = np.bincount(corpus.ids["train"], minlength=corpus.tokenizer.vocab_size).argmin()
    return replace(corpus, ids={**corpus.ids, split: np.full(1_000, rarest, dtype=np.uint16)})


@pytest.mark.parametrize(("split", "difference"), [("test", "harder"), ("validation", "harder")])
def test_a_split_that_is_far_harder_is_named_with_figures(sound: Corpus, split: str, difference: str) -> None:
    (line,) = hint_lines(unigram_shift(sound, split))
    printed = " ".join(line.split())
    assert printed.startswith(f"Warning: The {split} split is far {difference} than the others: the perplexity of a")
    assert "on train, " in printed
    assert "data.splits.seed" in printed


def test_lines_for_the_terminal_are_short_and_those_of_the_table_are_left_out(sound: Corpus) -> None:
    many = with_counts(sound, "test", unknown_tokens=20_000)
    unknown, small = hint_lines(with_counts(many, "validation", tokens=1_900, unknown_tokens=200))
    assert unknown.startswith("Note: 22.2% of the validation and 20.2% of the test tokens are <unk>")
    assert small == "Note: 1,900 validation tokens: below 10,000 perplexity is noisy"
    assert max(map(len, "\n".join([unknown, small]).splitlines())) <= 80
    assert hint_lines(with_duplicates(sound, exact=50)) == []  # the table of the corpus says so


def test_most_unknown_words_are_a_warning_with_what_suits_the_text(sound: Corpus) -> None:
    unknown = with_counts(sound, "test", unknown_tokens=90_000)
    (line,) = hint_lines(unknown)
    assert line.startswith("Warning: 90.9% of the test tokens are <unk>")
    assert unknown_advice(unknown, 0.9).startswith("data.tokenizer.kind=char (for numbers, codes, text without spaces)")
    long_words = with_counts(unknown, "train", characters=9_000_000)
    assert unknown_advice(long_words, 0.9) == "data.tokenizer.kind=char (words are 100 characters long on average)"

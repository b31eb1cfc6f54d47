"""The page of the data report: nothing from a text is markup, nothing comes from outside, no text is too odd."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jinja2 import UndefinedError

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.store.statistics_file import CorpusStatistics, LabelCounts
from halo.corpus.text_counts import TextCounts
from halo.reports.data_report import page
from halo.reports.data_report.figures import draw_figures
from halo.reports.data_report.page import environment, render, write_report
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import Outcome
from tests.support.report_pages import FIGURES, HOSTILE, Page, changed, hostile

ALLOWED = """html head meta title style body header h1 h2 h3 p nav ul li a main section dl div dt dd table caption thead
    tbody tr th td figure figcaption details summary blockquote bdi span code del ins em footer
    svg g path use defs text tspan clippath rect"""


@pytest.fixture(scope="module")
def text(corpus: Corpus) -> str:
    return render(corpus)


@pytest.mark.filterwarnings("error")
def test_what_a_text_holds_is_no_markup(corpus: Corpus) -> None:
    text = render(hostile(corpus))
    read = Page(text)
    assert {tag for tag, _ in read.elements} <= set(ALLOWED.split())
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    shown = HOSTILE.replace("\u202e", "U+202E").replace("\x00", "U+0000").replace("\ud83d", "U+D83D")
    assert (
        read.text.count(shown) > 60
    )  # 25 files of which 20 are listed, 20 duplicates twice, and each other place once
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "5 more files" in read.text
    assert "10 more texts" in read.text


def test_nothing_comes_from_outside(text: str) -> None:
    read = Page(text)
    for attribute in ("src", "href", "xlink:href", "data", "action", "srcset", "poster"):
        assert all(value.startswith("#") for value in read.values(attribute)), attribute
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert "default-src 'none'" in text


def test_ids_are_there_once_and_every_reference_finds_one(text: str) -> None:
    read = Page(text)
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    references = [value.removeprefix("#") for value in read.values("href")] + re.findall(r"url\(#([^)]*)\)", text)
    assert references
    assert set(references) <= set(ids)


def test_the_page_is_whole_and_the_same_again(corpus: Corpus, text: str) -> None:
    read = Page(text)
    assert set(draw_figures(corpus)) == FIGURES
    drawn = [attributes for tag, attributes in read.elements if tag == "svg"]
    assert len(drawn) == len(FIGURES) == text.count("<figcaption>")
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in drawn)
    for heading in ("Overview", "Documents", "Unknown words", "Cleaning", "Duplicates", "Files", "Settings"):
        assert heading in read.text
    assert corpus.manifest["files"][0]["sha256"] in read.text
    assert "data.tokenizer.min_count" in read.text
    assert render(corpus) == text


def empty(corpus: Corpus) -> Corpus:
    nothing = CorpusStatistics(
        0, {}, {}, [], {split: {} for split in SPLITS}, 0, 0, [], [], [], {s: [] for s in SPLITS}, 0, 0, {}, {}
    )
    none = TextCounts(0, 0, 0, 0, 0, 0, 0.0)
    return replace(
        changed(corpus, {"files": []}),
        statistics=nothing,
        counts=dict.fromkeys(SPLITS, none),
        offsets={split: np.zeros(1, dtype=np.int64) for split in SPLITS},
    )


def single(corpus: Corpus) -> Corpus:
    """One type, one document a split, one label."""
    few = TextCounts(1, 9, 17, 10, 0, 1, 0.0)
    return replace(
        changed(
            corpus,
            types=1,
            singletons=0,
            frequent=[("a", 9)],
            ranks=[1],
            frequencies=[9],
            coverage={split: [1.0] for split in SPLITS},
            labels={split: {"": LabelCounts(1, 9, 9, 0)} for split in SPLITS},
            cleaning={"case": 1},
        ),
        counts=dict.fromkeys(SPLITS, few),
        offsets={split: np.array([0, 10]) for split in SPLITS},
    )


def large(corpus: Corpus) -> Corpus:
    """10,000 labels, documents from nothing to very long ones, and a step of cleaning that did nearly all."""
    labels = {f"label {number}": LabelCounts(1, 9, number, 1) for number in range(1, 10_001)}
    return replace(
        changed(corpus, labels=dict.fromkeys(SPLITS, labels), cleaning={"special": 10**9, "html": 1}),
        offsets={split: np.cumsum([0, 0, 1, 10, 10**4, 10**7]) for split in SPLITS},
    )


def of_kind(kind: str) -> Callable[[Corpus], Corpus]:
    def make(corpus: Corpus) -> Corpus:
        tokenizer = TextTokenizer.train(["a b c"], kind=kind, min_count=1, max_size=300)
        return changed(replace(corpus, tokenizer=tokenizer), frequent=[(" the", 3), (" ", 2), ("\ufffd", 1)])

    return make


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("change", [empty, single, large, of_kind("char"), of_kind("bpe")])
def test_odd_texts_are_drawn_too(corpus: Corpus, change: Callable[[Corpus], Corpus]) -> None:
    odd = change(corpus)
    read = Page(render(odd))
    assert sum(tag == "svg" for tag, _ in read.elements) == len(FIGURES)
    if change is large:
        assert "9,980 smaller labels" in read.text
        assert "label 9981" in read.text
        assert "label 9980" not in read.text


def test_every_string_is_escaped_and_every_name_must_exist() -> None:
    template = environment().from_string("{{ text }}|{% set other = text ~ text %}{{ other }}")
    once = '&lt;<span class="unseen">U+202E</span>'
    assert template.render(text="<\u202e") == f"{once}|{once}{once}"
    with pytest.raises(UndefinedError, match="missing"):
        environment().from_string("{{ missing }}").render()


def test_the_file_is_whole_or_not_there(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "render", lambda _: "the page")
    file = write_report(corpus, tmp_path)
    assert file.read_text(encoding="utf-8") == "the page"
    assert list(tmp_path.iterdir()) == [file]

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    (tmp_path / "other").mkdir()
    with pytest.raises(InputError, match=r"data_report\.html: the report cannot be written \(No space left"):
        write_report(corpus, tmp_path / "other")
    assert not list((tmp_path / "other").iterdir())


def test_prepare_writes_the_report_and_says_where(command: Callable[..., Outcome], corpus_file: Path) -> None:
    outcome = command("prepare", "data=text", f"data.path={corpus_file}", "data.batch_size=4")
    assert outcome.code == 0, outcome.err
    named = re.search(r"^Report: (outputs/prepare/\S*/data_report\.html)$", outcome.out, flags=re.MULTILINE)
    assert named
    assert corpus_file.name in Page(Path(named.group(1)).read_text(encoding="utf-8")).text

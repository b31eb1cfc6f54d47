"""The data report: nothing from a text is markup, nothing comes from outside, no text is too odd, hints are due."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.corpus.split_writer import TextCounts
from halo.corpus.store.statistics import Example, LabelCounts, Statistics
from halo.reports.data_report import page
from halo.reports.data_report.canvas import label
from halo.reports.data_report.changes import marked
from halo.reports.data_report.elements import Html
from halo.reports.data_report.figures import draw_figures, draw_frequent
from halo.reports.data_report.hints import hints
from halo.reports.data_report.page import render, write_report
from halo.reports.data_report.sections import SECTIONS
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import Outcome, Run, data_config

FIGURES = {"document_lengths", "zipf", "num_frequent", "coverage", "out_of_vocabulary", "cleaning"}
VOID = {"meta", "br", "hr", "img", "input", "link", "base"}
ALLOWED = """html head meta title style body header h1 h2 h3 p nav ul li a main section dl div dt dd table caption thead
    tbody tr th td figure figcaption details summary blockquote bdi span code del ins em footer
    svg g path use defs text tspan clippath rect"""
HOSTILE = (
    "\"'><script>alert(1)</script><img src=https://a.example onerror=x></style>--> &amp; $\\frac{ \u202e\x00\ud83d"
)


class Page(HTMLParser):
    """A page as a browser sees it; reading it fails where a tag is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(scope="module")
def corpus(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The small corpus of the tests, prepared."""
    cache = str(tmp_path_factory.mktemp("cache"))
    config = replace(data_config(), path=str(corpus_file), cache_dir=cache, batch_size=4, sequence_length=16)
    return prepare(config)


@pytest.fixture(scope="module")
def text(corpus: Corpus) -> str:
    return render(corpus)


def changed(corpus: Corpus, manifest: dict[str, Any] | None = None, **statistics: Any) -> Corpus:
    """Returns the corpus with other statistics and another manifest."""
    return replace(
        corpus,
        statistics=replace(corpus.statistics, **statistics),
        manifest={**corpus.manifest, **(manifest or {})},
    )


def hostile(corpus: Corpus) -> Corpus:
    """Returns a corpus with hostile text in every place that a user's text reaches."""
    place = {"source": HOSTILE, "paragraph": 2, "kept_source": HOSTILE, "kept_paragraph": 0}
    dropped = {"unit": "document", "kind": "near", "similarity": 0.9, **place}
    settings = {**corpus.manifest["settings"], "cleaning": {"keep_characters": HOSTILE, "steps": [HOSTILE]}}
    manifest = {
        "source": HOSTILE,
        "files": [{"name": HOSTILE, "split": "", "size_bytes": 1, "sha256": "ab"}] * 25,
        "duplicates": {"counts": {"near documents": 30}, "total": 30, "listed": 30, "dropped": [dropped] * 30},
        "settings": settings,
    }
    return changed(
        corpus,
        manifest,
        cleaning={"special": 3, HOSTILE: 1},
        examples=[Example(HOSTILE, "", [HOSTILE]), Example(HOSTILE, HOSTILE + "x", ["case"])],
        labels={split: {HOSTILE: LabelCounts(1, 1, 1, 0), "": LabelCounts(1, 1, 1, 1)} for split in SPLITS},
        frequent=[(HOSTILE, 3), ("$\\frac{$", 2)],
        beginnings={"train": [HOSTILE], "validation": [], "test": [HOSTILE * 300]},
    )


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
    for heading in ("Overview", "Documents", "Unknown words", "Cleaning", "Repeated texts", "Files", "Settings"):
        assert heading in read.text
    assert corpus.manifest["files"][0]["sha256"] in read.text
    assert "data.tokenizer.min_count" in read.text
    assert render(corpus) == text


def test_figures_take_their_colours_from_the_page(text: str) -> None:
    drawings = re.findall("<svg.*?</svg>", text, flags=re.DOTALL)
    for drawing in drawings:
        assert not re.search("#[0-9a-f]{6}", drawing)
        letters = [element.get("style", "") for element in ET.fromstring(drawing).iter("text")]
        assert letters
        assert all("fill: var(--ink)" in style for style in letters)


def test_figures_show_the_figures(corpus: Corpus) -> None:
    figures = draw_figures(corpus)
    for panel, split in zip(figures["document_lengths"].axes, SPLITS, strict=True):
        assert sum(panel.patches[0].get_data().values) == pytest.approx(1)  # type: ignore[attr-defined]
        assert f"{split}: {corpus.counts[split].documents:,} document" in panel.texts[0].get_text()
    curves = {line.get_label(): line for line in figures["zipf"].axes[0].lines}
    assert np.array_equal(curves["this text"].get_ydata(), corpus.statistics.frequencies)
    for line, split in zip(figures["out_of_vocabulary"].axes[0].lines, SPLITS, strict=True):
        rates = {counts.out_of_vocabulary_rate for counts in corpus.statistics.labels[split].values()}
        shown = [float(share) for share in np.asarray(line.get_xdata())]
        assert shown[0] == corpus.counts[split].out_of_vocabulary_rate
        assert set(shown[1:]) == rates
        covered = figures["coverage"].axes[0].lines[SPLITS.index(split)]
        assert np.array_equal(covered.get_ydata(), corpus.statistics.coverage[split])


def test_words_that_cannot_be_drawn_are_in_the_table(corpus: Corpus) -> None:
    words = ["слово", "你好", "שלום", "สวัสดี", "a" * 100, "ok\u202e"]
    assert [label(word, place) for place, word in enumerate(words, start=1)] == [
        "слово", "#2", "#3", "#4", f"{'a' * 23}…", "#6"
    ]  # fmt: skip
    other = changed(corpus, frequent=[(word, 5) for word in words])
    names = [
        each.get_text() for each in draw_frequent(other.statistics.frequent, kind="word").axes[0].get_yticklabels()
    ]
    assert names[:2] == ["слово", "#2"]
    table = Page(SECTIONS["words"].draw(other, dict.fromkeys(FIGURES, Html())))
    assert all(word in table.text for word in words[:4])


def empty(corpus: Corpus) -> Corpus:
    nothing = Statistics(
        0, {}, [], {split: {} for split in SPLITS}, 0, 0, [], [], [], {s: [] for s in SPLITS}, 0, 0, {}
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


@pytest.mark.filterwarnings("error")
def test_they_are_drawn_as_pictures_without_a_missing_letter(corpus: Corpus) -> None:
    for figure in draw_figures(hostile(corpus)).values():
        figure.savefig(io.BytesIO(), format="png")


# Hints


@pytest.fixture
def sound(corpus: Corpus) -> Corpus:
    """A corpus in which nothing stands out."""
    counts = {split: TextCounts(100, 90_000, 500_000, 100_000, 3_000, 1_000, 9e4) for split in SPLITS}
    labels = {split: {name: LabelCounts(50, 45_000, 50_000, 0) for name in "ab"} for split in SPLITS}
    none = {"counts": {}, "total": 0, "listed": 0, "dropped": []}
    statistics: dict[str, Any] = {"labels": labels, "sentences": 100, "sentences_exact": 95}
    statistics |= {"cleaning": {"special": 9}, "characters_read": 1_000_000}
    return replace(changed(corpus, {"duplicates": none}, **statistics), counts=counts)


def with_counts(corpus: Corpus, split: str, **counts: int) -> Corpus:
    return replace(corpus, counts={**corpus.counts, split: replace(corpus.counts[split], **counts)})


def with_duplicates(corpus: Corpus, **counts: int) -> Corpus:
    found = {f"{kind} documents": number for kind, number in counts.items()}
    return changed(corpus, {"duplicates": {**corpus.manifest["duplicates"], "counts": found}})


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
            r"10\.0% of the validation tokens .* lower data\.tokenizer\.min_count \(it is 2\).*tokenizer\.kind=bpe",
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
            r"validation split has 9,999 tokens.* raise data\.splits\.validation\.$",
        ),
        (
            lambda corpus: with_counts(corpus, "test", tokens=10_000),
            lambda corpus: with_counts(corpus, "test", tokens=9_999),
            r"test split has 9,999 tokens",
        ),
        (
            lambda corpus: with_duplicates(corpus, exact=3, near=30),
            lambda corpus: with_duplicates(corpus, exact=4, near=30),
            r"34 of 334 documents \(10\.2%\) repeat",
        ),
        (
            lambda corpus: changed(corpus, cleaning={"special": 50_000}),
            lambda corpus: changed(corpus, cleaning={"special": 50_040}),
            r"5\.0% of the characters as special",
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
    assert hints(below(sound)) == []
    (found,) = hints(above(sound))
    assert re.search(hint, found)


def test_hints_name_only_settings_that_change_something(sound: Corpus) -> None:
    settings = sound.manifest["settings"]
    limited = {**settings, "tokenizer": {**settings["tokenizer"], "min_count": 1, "max_size": 5_000}}
    (found,) = hints(with_counts(changed(sound, {"settings": limited}), "validation", unknown_tokens=50_000))
    assert "raise data.tokenizer.max_size (it is 5,000)" in found
    assert "min_count" not in found
    small = with_counts(sound, "validation", tokens=10, unknown_tokens=0)
    by_ratio = {**settings, "splits": {**settings["splits"], "validation_ratio": 3}}
    assert "data.splits.validation_ratio" in hints(changed(small, {"settings": by_ratio}))[0]
    given = [{**file, "split": "train"} for file in sound.manifest["files"]]
    assert "data.splits" not in hints(changed(small, {"files": given}))[0]


def test_hints_stand_in_the_overview(sound: Corpus) -> None:
    draw = SECTIONS["overview"].draw
    assert "Nothing stands out" in draw(sound, {})
    text = draw(with_label(sound, 1_000), {})
    assert "label big &lt;b&gt;." in text
    assert "Nothing stands out" not in text


# Lines before and after


def test_what_went_and_what_came_is_marked() -> None:
    before, after = marked("See <b>R0</b> “now”", 'see R0 "now"')
    removed, added = (re.findall(f"<{tag}>(.*?)</{tag}>", half) for tag, half in (("del", before), ("ins", after)))
    assert "".join(removed) == "See&lt;b&gt;&lt;/b&gt;“”"
    assert "".join(added) == "see&quot;&quot;"


def test_what_did_not_change_is_left_out_where_it_is_long() -> None:
    words = " ".join(f"w{number}" for number in range(100))
    before, after = marked(f"A {words} B {words}", f"a {words} b {words}")
    for half in (before, after):
        assert "w0 w1" in half
        assert "w50" not in half
        assert half.count("…") == 2
    assert len(marked("x" * 10**6, "y" * 10**6)[0]) < 10_000


# Files and TensorBoard


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


def test_training_shows_the_same_figures_in_tensorboard(trained: Run) -> None:
    events = EventAccumulator(str(trained.folder / "tensorboard"))
    events.Reload()
    assert set(events.Tags()["images"]) == {f"data/{name}" for name in FIGURES}
    assert events.Images("data/zipf")[0].step == 0

"""A small prepared corpus in many variations, and a parser of report pages that is as strict as a browser."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.store.statistics_file import CleaningExample, LabelCounts

FIGURES = {"document_lengths", "zipf", "frequent", "coverage", "out_of_vocabulary", "cleaning"}
VOID = {"meta", "br", "hr", "img", "input", "link", "base"}
HOSTILE = (
    "\"'><script>alert(1)</script><img src=https://a.example onerror=x></style>--> &amp; {{ 7 * 7 }} {% raise %} "
    "$\\frac{ \u202e\x00\ud83d"
)


class Page(HTMLParser):
    """A page as a browser sees it; reading it fails where a tag is not closed.

    Attributes:
        elements: Every opened tag with its attributes.
        text: The text between the tags.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed("".join([text]))  # plain text: `Markup` would escape what it is added to
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
        "duplicates": {
            **corpus.manifest["duplicates"],
            "counts": {"near documents": 30},
            "total": 30,
            "listed": 30,
            "dropped": [dropped] * 30,
        },
        "settings": settings,
    }
    return changed(
        corpus,
        manifest,
        cleaning={"special": 3, HOSTILE: 1},
        examples=[CleaningExample(HOSTILE, "", [HOSTILE]), CleaningExample(HOSTILE, HOSTILE + "x", ["case"])],
        labels={split: {HOSTILE: LabelCounts(1, 1, 1, 0), "": LabelCounts(1, 1, 1, 1)} for split in SPLITS},
        frequent=[(HOSTILE, 3), ("$\\frac{$", 2)],
        beginnings={"train": [HOSTILE], "validation": [], "test": [HOSTILE * 300]},
    )

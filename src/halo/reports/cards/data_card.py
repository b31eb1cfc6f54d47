"""The data card: what a text is, how it was prepared and divided, and what is not known about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halo.config import SPLITS, DataCardConfig, DataConfig
from halo.corpus.cleaning.personal_data import PLACEHOLDER_STEPS
from halo.corpus.corpus import Corpus
from halo.reports.cards.data_facts import data_facts
from halo.reports.cards.markdown import code, front_matter, plain_text, render, table
from halo.reports.cards.metadata import completed, kind_of, known_text, provenance
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError

FILE_NAME = "data_card.md"

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
"""Upper bounds of the numbers of documents, and what hubs call them."""

STEP_UNITS = {
    "control": "characters removed",
    "special": "characters removed",
    "white_space": "characters removed",
    "invalid": "characters that no text may contain, removed",
    "typography": "characters replaced",
    "unicode": "words recomposed",
    "hyphenation": "words joined",
    "case": "words lowercased",
    "html": "references and tags",
    "line_ends": "line ends",
}
"""What the counts of cleaning steps are numbers of; other steps count what they replaced."""


def write_data_card(
    corpus: Corpus, data: DataConfig, card: DataCardConfig, folder: Path, *, is_public: bool = False
) -> Path:
    """Writes data_card.md into `folder` and returns its path.

    Args:
        corpus: The prepared corpus.
        data: The settings it was prepared with.
        card: What the user says about it.
        folder: Where to write it.
        is_public: Whether to leave out paths and labels.

    Raises:
        InputError: The file cannot be written.
    """
    file = folder / FILE_NAME
    try:
        atomic_write(file, data_card(data, data_facts(corpus), card, is_public=is_public))
    except OSError as error:
        raise InputError(f"{file}: the card cannot be written ({error.strerror})") from error
    return file


def data_card(
    data: DataConfig, facts: Mapping[str, Any] | None, card: DataCardConfig, *, is_public: bool = False
) -> str:
    """Returns the card of a text: metadata in YAML, then Markdown.

    Args:
        data: The settings of the text.
        facts: What `data_facts` returned, or metrics.json has under `data`; None if it is not known.
        card: What the user says about it.
        is_public: Whether to leave out paths and labels.
    """
    card = completed(card, data)
    known = known_text(data)
    name = card.dataset or ("A text" if kind_of(data) == "text" else f"A {kind_of(data)}")
    task = {"text": "text-generation", "genome": "text-generation", "series": "time-series-forecasting"}[kind_of(data)]
    metadata = {
        "license": card.data_license,
        "language": card.language,
        "pretty_name": name,
        "size_categories": _size(facts),
        "task_categories": [task],
        "tags": ["language-modeling"] if kind_of(data) == "text" else [kind_of(data)],
        **provenance({}),
    }
    return front_matter(metadata) + render(
        "data_card.md.jinja",
        name=name,
        kind=kind_of(data),
        card=card,
        description=known.description if known else "",
        is_public=is_public,
        **data_context(data, facts, is_public=is_public),
    )


def data_context(data: DataConfig, facts: Mapping[str, Any] | None, *, is_public: bool) -> dict[str, Any]:
    """Returns what both templates say about a text.

    Args:
        data: The settings of the text.
        facts: As in `data_card`.
        is_public: As in `data_card`.
    """
    labels: dict[str, Any] = facts["labels"] if facts else {"rows": [], "num_hidden": 0}
    return {
        "data": data,
        "facts": facts,
        "source": None if is_public and not is_open(data) else data.source,
        "split_table": "" if facts is None else table(facts["table"]["header"], facts["table"]["rows"]),
        "notes": [] if facts is None or is_public else [plain_text(line) for line in facts["notes"]],
        "labels": _labels_table(labels, is_public=is_public and not is_open(data)),
        "num_labels": len(labels["rows"]) + labels["num_hidden"],
        "unmeasured_labels": [] if is_public and not is_open(data) else _without_documents(labels),
        "cleaning": [] if facts is None else _cleaning_lines(facts["cleaning"]),
        "duplicates": "" if facts is None else _duplicates(facts["duplicates"]),
        "files": "" if facts is None else _files_table(facts, is_public=is_public and not is_open(data)),
        "scripts": "" if facts is None else ", ".join(f"{name} {part:.1%}" for name, part in facts["scripts"].items()),
        "personal": None if facts is None else _masked(data, facts["cleaning"]),
        "not_looked_for": [step for step in PLACEHOLDER_STEPS if step not in data.cleaning.steps],
    }


def is_open(data: DataConfig) -> bool:
    """Returns whether a text is a public one, whose labels and name are no secret."""
    known = known_text(data)
    return known is not None and known.license is not None


def _size(facts: Mapping[str, Any] | None) -> list[str] | None:
    """Returns the number of documents as hubs group it."""
    if facts is None:
        return None
    numbers = [row[1].replace(",", "") for row in facts["table"]["rows"]]
    if not all(map(str.isdigit, numbers)):
        return None  # the dates of series
    documents = sum(map(int, numbers))
    return [next((name for bound, name in SIZES if documents < bound), "n>1M")]


def _labels_table(labels: Mapping[str, Any], *, is_public: bool) -> str:
    if not labels["rows"] or is_public:
        return ""
    rows = [
        [
            plain_text(each["label"] or "(none)"),
            *(f"{each['documents'][split]:,}" for split in SPLITS),
            f"{each['tokens']:,}",
            f"{each['share']:.1%}",
        ]
        for each in labels["rows"]
    ]
    shown = table(["label", *(f"{split} documents" for split in SPLITS), "tokens", "share"], rows)
    hidden = labels["num_hidden"]
    return f"{shown}\n\nThere are {hidden:,} more labels, with fewer tokens." if hidden else shown


def _without_documents(labels: Mapping[str, Any]) -> list[str]:
    """Returns the labels of which the training or the test text has no document, as Markdown."""
    rows = labels["rows"]
    return [
        f"{plain_text(row['label'] or '(none)')} ({split})"
        for split in SPLITS
        for row in rows
        if not row["documents"][split]
    ]


def _masked(data: DataConfig, counts: Mapping[str, int]) -> dict[str, int]:
    """Returns how often each step that masks personal data found some, over all documents that were read."""
    return {step: int(counts.get(step, 0)) for step in PLACEHOLDER_STEPS if step in data.cleaning.steps}


def _cleaning_lines(counts: Mapping[str, int]) -> list[str]:
    return [f"`{step}`: {number:,} {STEP_UNITS.get(step, 'occurrences')}" for step, number in counts.items() if number]


def _duplicates(duplicates: Mapping[str, Any]) -> str:
    found = duplicates["found"]
    return ", ".join(f"{number:,} {kind}" for kind, number in found.items())


def _files_table(facts: Mapping[str, Any], *, is_public: bool) -> str:
    rows = [
        [
            f"file {position}" if is_public else code(file["name"]),
            f"{file['size_bytes']:,}",
            f"`{file['sha256']}`" if "sha256" in file else "-",
        ]
        for position, file in enumerate(facts["files"], start=1)
    ]
    return table(["file", "bytes", "SHA-256"], rows, text_columns=(0, 2))

"""The sections of the report in the order of the page, and what their templates show."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.genomes.messages import described_counts, genome_rows
from halo.corpus.series.messages import ROWS_HEADER, describe_series, series_rows
from halo.reports.data_report.changes import mark_changes
from halo.reports.data_report.hints import hints
from halo.reports.data_report.wording import TOKEN_NOUNS, label_name, largest_labels, printed_token, tokens_per_label

MAX_LISTED = 20

Context = dict[str, Any]


def overview_context(corpus: Corpus) -> Context:
    """Returns the size of the corpus, the hints, and the counts of each split."""
    counts, statistics = corpus.counts.values(), corpus.statistics
    tiles = {
        "documents": f"{sum(each.documents for each in counts):,}",
        "words": f"{sum(each.words for each in counts):,}",
        "tokens in the vocabulary": f"{corpus.tokenizer.vocab_size:,}",
        "of validation tokens out of vocabulary": f"{corpus.counts['validation'].out_of_vocabulary_rate:.1%}",
        "duplicates removed": f"{sum(corpus.manifest['duplicates']['counts'].values()):,}",
        "of sentences restored exactly": f"{statistics.sentences_exact / max(statistics.sentences, 1):.2%}",
    }
    return {"tiles": tiles, "hints": hints(corpus), "counts": {split: corpus.counts[split] for split in SPLITS}}


def documents_context(corpus: Corpus) -> Context:
    """Returns the documents, tokens and out-of-vocabulary rates of the largest labels."""
    labels, tokens = corpus.statistics.labels, tokens_per_label(corpus.statistics.labels)
    largest = largest_labels(labels)
    rows = [
        {
            "name": label_name(label),
            "counts": [labels[split].get(label) for split in SPLITS],
            "tokens": tokens[label],
            "share": tokens[label] / max(tokens.total(), 1),
        }
        for label in largest.shown
    ]
    return {"splits": SPLITS, "labels": rows, "num_hidden": largest.num_hidden}


def words_context(corpus: Corpus) -> Context:
    """Returns the number of types, and the most frequent ones."""
    statistics, counts = corpus.statistics, corpus.counts["train"]
    num_tokens = max(counts.tokens - counts.eos_tokens, 1)
    frequent = [
        {"token": printed_token(token), "occurrences": occurrences, "share": occurrences / num_tokens}
        for token, occurrences in statistics.frequent
    ]
    return {
        "noun": TOKEN_NOUNS[corpus.tokenizer.kind],
        "types": statistics.types,
        "singletons": statistics.singletons,
        "singleton_share": statistics.singletons / max(statistics.types, 1),
        "frequent": frequent,
    }


def unknown_context(corpus: Corpus) -> Context:
    """Returns the number of sentences that tokenization and detokenization restore."""
    statistics = corpus.statistics
    return {
        "kind": corpus.tokenizer.kind,
        "sentences": statistics.sentences,
        "sentences_exact": statistics.sentences_exact,
        "share": statistics.sentences_exact / max(statistics.sentences, 1),
    }


def cleaning_context(corpus: Corpus) -> Context:
    """Returns examples of lines before and after cleaning."""
    examples = []
    for example in corpus.statistics.examples[:MAX_LISTED]:
        before, after = mark_changes(example.before, example.after)
        examples.append({"steps": ", ".join(example.steps), "before": before, "after": after if example.after else ""})
    return {"examples": examples, "is_private": corpus.is_private}


def duplicates_context(corpus: Corpus) -> Context:
    """Returns the number of duplicates of each kind, and the first of them with what was kept instead."""
    found = corpus.manifest["duplicates"]
    shown = found["dropped"][:MAX_LISTED]
    return {"counts": found["counts"], "dropped": shown, "num_hidden": found["listed"] - len(shown)}


def examples_context(corpus: Corpus) -> Context:
    """Returns the beginnings of some documents of each split."""
    return {"beginnings": {split: corpus.statistics.beginnings.get(split, []) for split in SPLITS}}


def files_context(corpus: Corpus) -> Context:
    """Returns the input files."""
    files = corpus.manifest["files"]
    return {"num_files": len(files), "files": files[:MAX_LISTED], "num_hidden": len(files) - MAX_LISTED}


def settings_context(corpus: Corpus) -> Context:
    """Returns the settings that the corpus was prepared with."""
    return {"source": corpus.manifest["source"], "settings": dict(_flat("data", corpus.manifest["settings"]))}


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", _command_line_value(value)


def _command_line_value(value: object) -> str:
    """Returns a value as written on the command line."""
    if isinstance(value, str):
        return value
    return f"[{', '.join(map(_command_line_value, value))}]" if isinstance(value, list) else json.dumps(value)


def series_overview_context(corpus: Corpus) -> Context:
    """Returns the dates and values of each split, and what was found in the tables."""
    rows = series_rows(corpus.manifest)
    return {"header": ROWS_HEADER, "rows": rows, "sentences": describe_series(corpus.manifest)}


def bins_context(corpus: Corpus) -> Context:
    """Returns the edges of the bins of each series."""
    series = corpus.manifest["series"]["series"]
    rows = [
        (each["name"], len(each["edges"]) + 1, ", ".join(f"{edge:.4g}" for edge in each["edges"]))
        for each in series[:MAX_LISTED]
    ]
    return {"rows": rows, "num_hidden": len(series) - MAX_LISTED}


def genome_overview_context(corpus: Corpus) -> Context:
    """Returns the size of a genome and the hints."""
    rows = genome_rows(corpus.manifest)
    shared = corpus.manifest["genome"]["shared_with_training"]
    tiles = {
        "records": f"{corpus.manifest['genome']['records']:,}",
        "regions": f"{sum(row.regions for row in rows):,}",
        "bases": f"{sum(row.bases for row in rows):,}",
        "tokens in the vocabulary": f"{corpus.tokenizer.vocab_size:,}",
        "GC content of the training split": f"{rows[0].gc:.1%}",
        "of test 31-mers also in training": f"{shared['test']:.1%}",
    }
    return {"tiles": tiles, "hints": hints(corpus)}


def sequences_context(corpus: Corpus) -> Context:
    """Returns the bases of each split, what was done with the letters of the files, and near duplicates."""
    genome = corpus.manifest["genome"]
    letters = list(dict.fromkeys(letter for bases in genome["bases"].values() for letter in bases))
    composition = {
        split: [bases.get(letter, 0) / max(sum(bases.values()), 1) for letter in letters]
        for split, bases in genome["bases"].items()
    }
    copies = genome["near_duplicates"]
    shown = copies["listed"][:MAX_LISTED]
    return {
        "rows": genome_rows(corpus.manifest),
        "letters": letters,
        "composition": composition,
        "counts": described_counts(corpus.manifest),
        "region_length": genome["region_length"],
        "shared": genome["shared_with_training"],
        "copies": copies,
        "shown": shown,
        "num_hidden": copies["regions"] - len(shown),
    }


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: Its heading.
        context: Returns the variables of its template.
    """

    title: str
    context: Callable[[Corpus], Context]


SECTIONS = {
    "overview": Section("Overview", overview_context),
    "documents": Section("Documents", documents_context),
    "words": Section("Words and vocabulary", words_context),
    "unknown": Section("Unknown words", unknown_context),
    "cleaning": Section("Cleaning", cleaning_context),
    "duplicates": Section("Duplicates", duplicates_context),
    "examples": Section("Examples", examples_context),
    "files": Section("Files", files_context),
    "settings": Section("Settings", settings_context),
}
"""The sections by name; the template of each is `templates/NAME.html.jinja`."""

GENOME_SECTIONS = {
    "genome_overview": Section("Overview", genome_overview_context),
    "sequences": Section("Sequences", sequences_context),
    **{name: SECTIONS[name] for name in ("documents", "examples", "files", "settings")},
}
"""The sections about a genome."""


SERIES_SECTIONS = {
    "series_overview": Section("Overview", series_overview_context),
    "bins": Section("Bins", bins_context),
    **{name: SECTIONS[name] for name in ("files", "settings")},
}
"""The sections about series."""


def sections_of(corpus: Corpus) -> dict[str, Section]:
    """Returns the sections of the page about a corpus."""
    if "series" in corpus.manifest:
        return SERIES_SECTIONS
    sections = GENOME_SECTIONS if "genome" in corpus.manifest else SECTIONS
    return {name: each for name, each in sections.items() if not (corpus.is_private and name == "examples")}

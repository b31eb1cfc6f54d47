"""Preparation of series: tables -> the files of a prepared corpus, as `halo.corpus.prepare` keeps them.

    tables --read_series--> dated values --transform--> changes --find_cuts, make_words--> bins and ids of each split

Each series is a document; its training, validation and test part follow one another in time, and end at the same dates
for all series. Nothing is shuffled, and nothing is dropped as a duplicate.
"""

import hashlib
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from halo.config import SPLITS, DataConfig
from halo.corpus.series.cuts import find_cuts
from halo.corpus.series.dates import shown_date
from halo.corpus.series.table import SeriesTable, read_series
from halo.corpus.series.transform import Changes, transform
from halo.corpus.series.words import SeriesWords, make_words
from halo.corpus.sources.files import SourceFile
from halo.corpus.store.document_texts import DocumentTexts, hash_array
from halo.corpus.store.statistics_file import CorpusStatistics, LabelCounts
from halo.corpus.text_counts import TextCounts
from halo.runtime.errors import counted
from halo.tokenization.value_bins import bin_tokens

NUM_FREQUENT = 50


def write_series(folder: Path, files: Sequence[SourceFile], config: DataConfig) -> dict[str, Any]:
    """Writes all files of prepared series but the manifest, and returns its entries about them.

    Args:
        folder: Where the files are written.
        files: The tables.
        config: The settings, of which `series` is given.

    Raises:
        InputError: The tables cannot be read, or have no series that could be learned from.
        OSError: The disk is full.
    """
    assert config.series is not None
    table = read_series(files, config)
    series = [transform(each, config.series) for each in table.series]
    words = make_words(series, config.series, find_cuts(series, config.splits))
    counts = _write_splits(folder, words)
    _statistics(words).save(folder)
    words.tokenizer.save(folder / "tokenizer.json")
    words.bins.save(folder)
    return {
        "vocabulary": words.tokenizer.vocab_size,
        "labels": [each.name for each in series],
        "duplicates": _no_duplicates(len(series)),
        "line_ends": {"examined": 0, "early": 0},
        "splits": {split: asdict(each) for split, each in counts.items()},
        "series": _series_entry(series, words, table, config.series.num_bins),
    }


def _write_splits(folder: Path, words: SeriesWords) -> dict[str, TextCounts]:
    """Writes the ids of each split, where its documents begin, and their labels; returns the counts."""
    number = len(words.slices)
    counts = {}
    for split in SPLITS:
        documents = [words.ids(index, split) for index in range(number)]
        lengths = np.array([len(each) for each in documents], dtype=np.int64)
        np.save(folder / f"{split}.npy", np.concatenate(documents))
        np.save(folder / f"{split}.offsets.npy", np.concatenate(([0], np.cumsum(lengths))))
        np.save(folder / f"{split}.labels.npy", np.arange(number, dtype=np.min_scalar_type(number)))
        texts = [words.tokenizer.decode(each[:-1].tolist()) for each in documents]
        characters = np.array([len(text) for text in texts], dtype=np.int64)
        if split != "train":
            digests = [hashlib.sha256(text.encode()).digest() for text in texts]
            DocumentTexts(hash_array(digests), characters, np.zeros(number)).save(folder / f"{split}.documents.npz")
        counts[split] = TextCounts(
            documents=number,
            words=int(lengths.sum()) - number,
            characters=int(characters.sum()),
            tokens=int(lengths.sum()),
            unknown_tokens=0,
            eos_tokens=number,
            oov_cost=0.0,
        )
    return counts


def _statistics(words: SeriesWords) -> CorpusStatistics:
    """Returns the statistics that tables and pages show; those of sentences and spellings are empty."""
    occurrences = {split: _occurrences(words, split) for split in SPLITS}
    frequent = occurrences["train"].most_common()
    labels = {
        split: {
            record.name: LabelCounts(
                1, parts[split].stop - parts[split].start, parts[split].stop - parts[split].start, 0
            )
            for record, parts in zip(words.bins.series, words.slices, strict=True)
        }
        for split in SPLITS
    }
    return CorpusStatistics(
        characters_read=0,
        cleaning={},
        removed={},
        examples=[],
        labels=labels,
        types=len(frequent),
        singletons=sum(count == 1 for _, count in frequent),
        frequent=frequent[:NUM_FREQUENT],
        ranks=list(range(1, len(frequent) + 1)),
        frequencies=[count for _, count in frequent],
        coverage={
            split: [
                round(covered / counts.total(), 6)
                for covered in itertools.accumulate(counts[token] for token, _ in frequent)
            ]
            for split, counts in occurrences.items()
        },
        sentences=0,
        sentences_exact=0,
        beginnings={split: [] for split in SPLITS},
        cased_forms={},
    )


def _occurrences(words: SeriesWords, split: str) -> "Counter[str]":
    """Returns how often each bin occurs in a split."""
    tokens = bin_tokens(words.num_bins)
    occurrences: Counter[str] = Counter()
    for numbers, parts in zip(words.numbers, words.slices, strict=True):
        occurrences.update(tokens[number] for number in numbers[parts[split]].tolist())
    return occurrences


def _no_duplicates(documents: int) -> dict[str, Any]:
    """Returns the manifest's entry about duplicates: in series, none are looked for."""
    nothing: dict[str, Any] = {
        "dropped_by_kept_split": {},
        "counts": {},
        "shared_counts": {},
        "dropped": [],
        "shared": [],
    }
    sizes = {"documents": documents, "units": 0, "dropped_documents": 0, "dropped_units": 0, "total": 0, "listed": 0}
    return {**sizes, **nothing, "example": None}


def _series_entry(series: Sequence[Changes], words: SeriesWords, table: SeriesTable, num_bins: int) -> dict[str, Any]:
    """Returns the manifest's entry about series: dates, bins and notes."""
    notes = [*table.notes]
    entries = []
    for each, record, parts in zip(series, words.bins.series, words.slices, strict=True):
        if len(record.bins) < num_bins:
            fewer = counted(len(record.bins), "bin")
            notes.append(f"{each.name}: {fewer} instead of {num_bins}, since many of its values are equal.")
        dates = {split: [*map(shown_date, each.dates[[part.start, part.stop - 1]])] for split, part in parts.items()}
        numbers = {split: part.stop - part.start for split, part in parts.items()}
        entries.append({"name": each.name, "dates": dates, "values": numbers, "edges": list(record.bins.edges)})
    cuts = {"training_end": words.bins.training_end, "validation_end": words.bins.validation_end}
    return {"transform": words.bins.transform, **cuts, "series": entries, "notes": notes}

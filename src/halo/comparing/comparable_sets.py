"""Which runs can be ranked among each other: those that were measured on the same text, in the same units."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halo.bundle.validation import find_file
from halo.comparing.comparison import ComparedRun, RunFigures
from halo.comparing.groups import value_text
from halo.evaluation.document_scores import HELD_OUT, DocumentScores
from halo.runtime.errors import InputError

MAX_TOKENIZER_BYTES = 2**28

CLEANING = re.compile(r"data\.cleaning\..*")
TOKENIZER = re.compile(r"data\.tokenizer\..*")
DOCUMENTS = re.compile(
    r"data\.(path|train_path|validation_path|test_path|documents|document_separator|text_field|title_field"
    r"|label_field|encoding|encoding_errors|table\..*|duplicates\..*|splits\..*)"
)
"""The settings that say which documents are held out."""


@dataclass(frozen=True)
class MeasuredRun:
    """A run with figures, and what says whether another can be compared with it.

    Attributes:
        run: The run.
        vocabulary: A hash of its tokenizer; empty if it has none.
        scores: The scores of its held-out documents; None if they are not at hand.
    """

    run: ComparedRun
    vocabulary: str
    scores: Mapping[str, DocumentScores] | None

    @property
    def figures(self) -> RunFigures:
        """The figures, which it has."""
        assert self.run.figures is not None
        return self.run.figures


def vocabulary_hash(folder: Path) -> str:
    """Returns a hash of the tokenizer of a run; empty if it has none."""
    try:
        file = find_file(folder, "tokenizer.json", max_bytes=MAX_TOKENIZER_BYTES)
        return "" if file is None else hashlib.sha256(file.read_bytes()).hexdigest()
    except (InputError, OSError):
        return ""


def comparable_sets(
    runs: Sequence[MeasuredRun], differences: Callable[[MeasuredRun, MeasuredRun], list[str]]
) -> list[list[int]]:
    """Returns the indexes of the runs that can be ranked among each other, the largest set first.

    Args:
        runs: The runs.
        differences: Returns what keeps two runs from being ranked.
    """
    sets: list[list[int]] = []
    # Those with scores first: a run without them is compared by its settings.
    for index in sorted(range(len(runs)), key=lambda index: runs[index].scores is None):
        for found in sets:
            if not differences(runs[found[0]], runs[index]):
                found.append(index)
                break
        else:
            sets.append([index])
    return sorted((sorted(each) for each in sets), key=lambda each: (-len(each), each[0]))


def token_differences(first: MeasuredRun, second: MeasuredRun) -> list[str]:
    """Returns what keeps the perplexities of two runs from being ranked; nothing if they predict the same tokens."""
    same_vocabulary = first.vocabulary == second.vocabulary != ""
    if same_vocabulary and first.scores is not None and second.scores is not None:
        pairs = {split: (first.scores[split].hashes, second.scores[split].hashes) for split in HELD_OUT}
        return [_documents(split, *pair) for split, pair in pairs.items() if not np.array_equal(*pair)]
    found = [] if same_vocabulary else [_vocabularies(first, second)]
    found += _settings("tokenizer", first, second, TOKENIZER) if same_vocabulary else []
    return [*found, *text_differences(first, second)]


def text_differences(first: MeasuredRun, second: MeasuredRun) -> list[str]:
    """Returns what keeps the bits per character of two runs from being ranked; nothing if the texts are the same."""
    texts = [
        {split: each.scores[split].texts for split in HELD_OUT} if each.scores is not None else {}
        for each in (first, second)
    ]
    if all(found and None not in found.values() for found in texts):
        one, other = texts
        pairs = {split: (one[split].hashes, other[split].hashes) for split in HELD_OUT}  # type: ignore[union-attr]
        found = [_documents(split, *pair) for split, pair in pairs.items() if not np.array_equal(*pair)]
        return [*_settings("cleaning", first, second, CLEANING), *found] if found else []
    found = _settings("cleaning", first, second, CLEANING) + _settings("documents", first, second, DOCUMENTS)
    for split in HELD_OUT:
        counts = [first.figures.splits[split], second.figures.splits[split]]
        if counts[0].characters != counts[1].characters or counts[0].documents != counts[1].documents:
            found.append(f"{split} text ({counts[0].documents:,} and {counts[1].documents:,} documents)")
    return found


def _vocabularies(first: MeasuredRun, second: MeasuredRun) -> str:
    sizes = [each.figures.vocab_size for each in (first, second)]
    settings = _settings("tokenizer", first, second, TOKENIZER)
    counts = f"{sizes[0]:,} and {sizes[1]:,} tokens" if sizes[0] != sizes[1] else f"{sizes[0]:,} tokens each"
    return f"vocabulary ({'; '.join([counts, *(each.partition('(')[2].rstrip(')') for each in settings)])})"


def _settings(what: str, first: MeasuredRun, second: MeasuredRun, pattern: re.Pattern[str]) -> list[str]:
    """Returns the settings of a kind that differ, in one text."""
    one, other = (
        {key: value for key, value in each.run.settings.items() if pattern.fullmatch(key)} for each in (first, second)
    )
    keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    pairs = [f"{key}={value_text(one.get(key))} and {value_text(other.get(key))}" for key in keys]
    return [f"{what} ({', '.join(pairs)})"] if pairs else []


def _documents(split: str, one: Any, other: Any) -> str:
    common = len({row.tobytes() for row in one} & {row.tobytes() for row in other})
    return f"{split} documents ({len(one):,} and {len(other):,}, of which {common:,} are the same)"

"""Statistics of a genome: its bases, and what statistics.json has of every corpus."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from halo.config import SPLITS
from halo.corpus.genomes.letters import BASES, Letters
from halo.corpus.store.statistics_file import CorpusStatistics, LabelCounts

NUM_FREQUENT = 50
NUM_RANKS = 200
NUM_BEGINNINGS = 3
BEGINNING_BASES = 400


def base_counts(letters: Iterable[Letters]) -> dict[str, int]:
    """Returns the number of occurrences of each letter, the bases first and even where they do not occur."""
    totals = np.zeros(256, dtype=np.int64)
    for each in letters:
        totals += np.bincount(each, minlength=256)
    others = (code for code in np.flatnonzero(totals).tolist() if code not in BASES)
    return {chr(code): int(totals[code]) for code in (*BASES, *others)}


def gc_content(counts: Mapping[str, int]) -> float:
    """Returns the share of G and C among A, C, G and T, in capitals or not; 0 without any.

    >>> gc_content({"A": 1, "C": 1, "g": 1, "T": 1, "N": 9})
    0.5
    """
    number = {base: counts.get(base, 0) + counts.get(base.lower(), 0) for base in BASES.decode()}
    return (number["G"] + number["C"]) / max(sum(number.values()), 1)


def unknown_share(counts: Mapping[str, int]) -> float:
    """Returns the share of N among all letters.

    >>> unknown_share({"A": 2, "N": 1, "n": 1})
    0.5
    """
    return (counts.get("N", 0) + counts.get("n", 0)) / max(sum(counts.values()), 1)


def genome_statistics(
    regions: Mapping[str, Sequence[tuple[str, Letters]]],
    types: Mapping[str, int],
    *,
    labels: Sequence[str],
    counts: Mapping[str, Mapping[str, Any]],
    token_length: int,
    letters_read: int,
) -> CorpusStatistics:
    """Returns the statistics of a prepared genome.

    Args:
        regions: For each split the record and the letters of each region.
        types: Number of occurrences of each token in the training split.
        labels: The labels of the corpus: records, or one empty label.
        counts: For each split its counts.
        token_length: Number of bases of a token.
        letters_read: Number of letters of all files.
    """
    ordered = sorted(((token, number) for token, number in types.items() if number), key=lambda item: -item[1])
    frequencies = np.array([number for _, number in ordered], dtype=np.int64)
    ranks = np.unique(np.geomspace(1, max(len(ordered), 1), NUM_RANKS).round().astype(np.int64))
    ranks = ranks[ranks <= len(ordered)]
    covered = np.cumsum(frequencies)[ranks - 1] / max(int(frequencies.sum()), 1)
    return CorpusStatistics(
        characters_read=letters_read,
        cleaning={},
        removed={},
        examples=[],
        labels={split: _label_counts(regions[split], labels, counts[split], token_length) for split in SPLITS},
        types=len(ordered),
        singletons=int((frequencies == 1).sum()),
        frequent=ordered[:NUM_FREQUENT],
        ranks=ranks.tolist(),
        frequencies=frequencies[ranks - 1].tolist(),
        coverage={split: [round(share, 6) for share in covered.tolist()] for split in SPLITS},
        sentences=0,
        sentences_exact=0,
        beginnings={split: [_beginning(letters) for _, letters in regions[split][:NUM_BEGINNINGS]] for split in SPLITS},
        cased_forms={},
    )


def _label_counts(
    regions: Sequence[tuple[str, Letters]], labels: Sequence[str], counts: Mapping[str, Any], token_length: int
) -> dict[str, LabelCounts]:
    if list(labels) == [""]:
        tokens, unknown = counts["words"], counts["unknown_tokens"]
        return {"": LabelCounts(len(regions), tokens, tokens, unknown)}
    found: dict[str, LabelCounts] = {}
    for record, letters in regions:
        before = found.get(record, LabelCounts(0, 0, 0, 0))
        tokens = before.tokens + len(letters) // token_length
        found[record] = LabelCounts(before.documents + 1, tokens, tokens, 0)
    return dict(sorted(found.items()))


def _beginning(letters: Letters) -> str:
    text = letters[:BEGINNING_BASES].tobytes().decode()
    return text if len(letters) <= BEGINNING_BASES else f"{text} …"

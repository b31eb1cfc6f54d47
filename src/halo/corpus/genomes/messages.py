"""Sentences about a prepared genome, for the terminal and the data report."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from halo.config import SPLITS
from halo.corpus.genomes.statistics import gc_content, unknown_share
from halo.runtime.errors import counted

MAX_DROPPED = 0.2  # of the training bases
MAX_SHARED = 0.1  # of the 31-mers of a split

COUNT_NAMES = {
    "soft_masked": "in lower case (soft-masked)",
    "unknown": "N or read as N",
    "unknown_left_out": "in runs of ten N or more, left out",
    "unknown_runs": "runs of ten N or more",
    "ambiguous": "other IUPAC codes",
    "masked_x": "X, read as N",
    "rna": "U, read as T",
    "poor_quality": "below data.genome.min_quality, read as N",
    "alignment_gaps": "gaps of alignments (-), removed",
    "short_pieces_left_out": "in pieces below ten bases between gaps, left out",
    "too_short_for_a_token": "too few for a k-mer at the end of a piece, left out",
    "gaps_between_splits": "between regions of different splits, left out",
}
"""What each count of the manifest is a number of."""


class GenomeRow(NamedTuple):
    """A split of a genome: regions, bases and tokens, GC content and share of N."""

    split: str
    regions: int
    bases: int
    tokens: int
    gc: float
    unknown: float


def genome_rows(manifest: Mapping[str, Any]) -> list[GenomeRow]:
    """Returns the figures of each split."""
    rows = []
    for split in SPLITS:
        counts, bases = manifest["splits"][split], manifest["genome"]["bases"][split]
        figures = (counts["documents"], counts["characters"], counts["tokens"])
        rows.append(GenomeRow(split, *figures, gc_content(bases), unknown_share(bases)))
    return rows


def described_counts(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Returns the number of bases that each rule of reading and dividing concerned, by what these are."""
    counts = manifest["genome"]["counts"]
    return {name: counts[key] for key, name in COUNT_NAMES.items() if counts.get(key)}


def describe_genome(manifest: Mapping[str, Any]) -> list[str]:
    """Returns what was done with the sequences, a line for each."""
    genome = manifest["genome"]
    read = f"{counted(genome['letters'], 'letter')} of {counted(genome['records'], 'record')}"
    lines = [f"Read: {read}", *(f"  {number:,} {name}" for name, number in described_counts(manifest).items())]
    return [*lines, *_describe_shared(genome)]


def _describe_shared(genome: Mapping[str, Any]) -> Iterator[str]:
    copies = genome["near_duplicates"]
    if copies["regions"]:
        done = "dropped" if copies["are_dropped"] else "kept, since data.duplicates.documents=false"
        yield (
            f"Near duplicates: {counted(copies['regions'], 'training region')} ({copies['bases']:,} bases) with copies "
            f"of validation or test regions on either strand: {done}; manifest.json lists them."
        )
    shares = " and ".join(f"{share:.1%} of the {split}" for split, share in genome["shared_with_training"].items())
    yield f"Repeats: {shares} 31-mers also occur in the training split, on either strand."


def genome_warnings(manifest: Mapping[str, Any]) -> list[str]:
    """Returns what makes the figures of a model on this genome say little; empty if nothing does."""
    genome = manifest["genome"]
    copies, kept = genome["near_duplicates"], sum(genome["bases"]["train"].values())
    warnings = []
    dropped = copies["bases"] / max(copies["bases"] + kept, 1)
    if copies["are_dropped"] and dropped > MAX_DROPPED:
        warnings.append(
            f"{dropped:.0%} of the training bases were dropped, since they repeat validation or test regions: reads of "
            "one sample overlap; assemble them, or give data.train_path, data.validation_path and data.test_path"
        )
    shared = {split: share for split, share in genome["shared_with_training"].items() if share > MAX_SHARED}
    if shared:
        shares = " and ".join(f"{share:.0%} of the {split}" for split, share in shared.items())
        warnings.append(f"{shares} 31-mers also occur in training, so that a model may repeat what it has memorised")
    return warnings

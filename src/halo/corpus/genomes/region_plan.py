"""The division of pieces into regions, and of regions into splits, with gaps between those of different splits.

Two splits of a record 1 of six regions (t train, v validation, `.` left out):

    tttttttttttttttttttt.vvvvvvv.tttttttt|tttttttttt
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from halo.config import SPLITS, GenomeConfig, SplitConfig
from halo.corpus.genomes.letters import Letters
from halo.runtime.errors import InputError, counted

MAX_REGION_LENGTH = 50_000
MIN_REGION_LENGTH = 100
LARGE_PART = 0.2  # of the smallest split
MIN_GENOME = 1_000  # bases that are worth settings of their own
REGIONS = 250  # of a genome, so that a tenth of them makes useful confidence intervals


@dataclass
class Region:
    """A stretch of a record.

    Attributes:
        record: Name of the record.
        start: Index of its first base in the record.
        letters: Its letters.
        split: Its split; empty until it is assigned.
        piece: Number of the piece that it is from: neighbours are consecutive regions of one piece.
    """

    record: str
    start: int
    letters: Letters = field(repr=False)
    split: str = ""
    piece: int = 0

    def __len__(self) -> int:
        """Returns its number of bases."""
        return len(self.letters)

    @property
    def end(self) -> int:
        """Index behind its last base."""
        return self.start + len(self.letters)

    def cut(self, begin: int, end: int) -> None:
        """Leaves out what is before index `begin` and behind index `end` of its letters."""
        self.letters = self.letters[begin : max(begin, end)]
        self.start += begin


def region_length(num_bases: int, config: GenomeConfig, token_length: int) -> int:
    """Returns the number of bases of a region, a multiple of the length of a token."""
    length = config.region_length
    if length is None:
        length = min(max(num_bases // REGIONS, 4 * config.gap, MIN_REGION_LENGTH), MAX_REGION_LENGTH)
        length = max(length, 4 * config.gap)
    return max(length // token_length, 1) * token_length


def divide(pieces: Sequence[Region], length: int, token_length: int) -> list[Region]:
    """Returns each piece divided into regions of about `length` bases, multiples of `token_length`.

    What is too short for a token at the end of a piece is left out.
    """
    regions = []
    for number, piece in enumerate(pieces):
        tokens = len(piece) // token_length
        parts = max(round(len(piece) / length), 1)
        bounds = [tokens * part // parts * token_length for part in range(parts + 1)]
        for begin, end in itertools.pairwise(bounds):
            if end > begin:
                region = Region(piece.record, piece.start, piece.letters, piece.split, number)
                region.cut(begin, end)
                regions.append(region)
    return regions


def assign(regions: Sequence[Region], config: GenomeConfig, splits: SplitConfig) -> None:
    """Assigns regions without a split to splits, in proportion to their bases; those of a record together if asked to.

    Raises:
        InputError: There are fewer than three regions, or records, to assign.
    """
    groups: dict[object, list[Region]] = {}
    for number, region in enumerate(regions):
        if not region.split:
            groups.setdefault(region.record if config.split_by == "record" else number, []).append(region)
    if not groups:
        return
    if len(groups) < len(SPLITS):
        noun = counted(len(groups), config.split_by)
        bases = sum(map(len, regions))
        remedy = "set data.genome.split_by=region" if config.split_by == "record" else _smaller_regions(bases)
        raise InputError(
            f"data.genome.split_by={config.split_by}: {noun} of {bases:,} bases in all cannot be divided into train, "
            f"validation and test; {remedy}"
        )
    for split, members in _assignment(list(groups.values()), splits):
        for region in members:
            region.split = split


def _smaller_regions(bases: int) -> str:
    if bases < MIN_GENOME:
        return "give more sequence"
    gap = bases // 100
    return f"give more sequence, or set data.genome.gap={gap} data.genome.region_length={max(bases // 12, 1)}"


def _assignment(groups: list[list[Region]], config: SplitConfig) -> list[tuple[str, list[Region]]]:
    """Returns the split of each group: the one that lacks most bases; each split gets one group at least.

    The order is random, but the longest come first if they are long compared with a split, as chromosomes are.
    """
    sizes = np.array([sum(map(len, group)) for group in groups], dtype=np.int64)
    shuffled = np.random.default_rng(config.seed % 2**63).permutation(len(groups))
    if sizes.max() > LARGE_PART * min(config.validation, config.test) * sizes.sum():
        shuffled = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    missing = {name: getattr(config, name) * float(sizes.sum()) for name in SPLITS}
    empty = set(SPLITS)
    assigned = []
    for position, number in enumerate(shuffled.tolist()):
        left = len(groups) - position
        candidates = empty if left == len(empty) else SPLITS
        split = max(candidates, key=lambda name: (missing[name], -SPLITS.index(name)))
        missing[split] -= float(sizes[number])
        empty.discard(split)
        assigned.append((split, groups[number]))
    return assigned


def cut_gaps(regions: Sequence[Region], gap: int, token_length: int) -> int:
    """Cuts regions where a neighbour is in another split, and returns the number of bases left out.

    The gap is taken from the training region; between validation and test, from the validation region.
    """
    left_out = 0
    for before, after in itertools.pairwise(regions):
        if before.piece == after.piece and before.split != after.split and before.end == after.start:
            size = len(before) + len(after)
            if SPLITS.index(before.split) < SPLITS.index(after.split):
                before.cut(0, (len(before) - gap) // token_length * token_length)
            else:
                kept = max(len(after) - gap, 0) // token_length * token_length
                after.cut(len(after) - kept, len(after))
            left_out += size - len(before) - len(after)
    return left_out

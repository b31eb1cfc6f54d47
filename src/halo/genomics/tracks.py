"""Scores along sequences: a row for each base, as bedGraph or as a table with all columns.

Shape letters: P positions of a piece.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from halo.genomics.markov import Floats
from halo.genomics.model_scores import ModelScorer
from halo.genomics.pieces import MAX_PIECE, MarkovScorer, Piece, strand_nll
from halo.genomics.reference import Stretch
from halo.scoring.files.writers import Row, new_file, open_output

PIECES_AT_ONCE = 128
COLUMNS: Mapping[str, type] = {
    "record": str,
    "position": int,
    "base": str,
    "bits": float,
    "entropy_bits": float,
    "forward_bits": float,
    "reverse_bits": float,
    "markov_bits": float,
}
"""The columns of a table; positions count from 1."""


class PlacedPiece(NamedTuple):
    """A piece with its place.

    Attributes:
        record: The name of its record.
        start: Index of its first base in the record, from 0.
        piece: The piece.
    """

    record: str
    start: int
    piece: Piece


def place_pieces(stretch: Stretch, begin: int, end: int, *, context: int, window: int = 1) -> Iterator[PlacedPiece]:
    """Yields a part of a stretch in pieces that end where a window does.

    Args:
        stretch: The stretch.
        begin: Where the part begins, as an index of the stretch.
        end: Where it ends.
        context: Number of bases before and behind a piece that are read with it.
        window: Number of bases of a window; windows begin at multiples of it in the record.
    """
    size = max(MAX_PIECE // window, 1) * window
    first = begin
    while first < end:
        last = min(((stretch.start + first) // size + 1) * size - stretch.start, end)
        sequence = stretch.sequence
        piece = Piece(sequence[max(0, first - context) : first], sequence[first:last], sequence[last : last + context])
        yield PlacedPiece(stretch.record, stretch.start + first, piece)
        first = last


class BaseValues(NamedTuple):
    """The values at the bases of a piece in bits, shape (P,); NaN where there is none.

    Attributes:
        placed: The piece.
        columns: The values, by column of a table; columns that were not asked for are missing.
    """

    placed: PlacedPiece
    columns: dict[str, Floats]


@dataclass
class TrackMeans:
    """The sums over the bases of a track.

    Attributes:
        bases: Number of bases with a value.
        total_bits: The sum of their bits under the trained model.
        total_markov_bits: The same under the Markov model.
    """

    bases: int = 0
    total_bits: float = 0.0
    total_markov_bits: float = 0.0

    @property
    def bits(self) -> float:
        """Bits per base under the trained model."""
        return self.total_bits / max(self.bases, 1)

    @property
    def markov_bits(self) -> float:
        """Bits per base under the Markov model."""
        return self.total_markov_bits / max(self.bases, 1)

    def add(self, values: BaseValues) -> None:
        """Adds the bases of a piece."""
        has_value_P = np.isfinite(values.columns["bits"])
        self.bases += int(has_value_P.sum())
        self.total_bits += float(values.columns["bits"][has_value_P].sum())
        if "markov_bits" in values.columns:
            self.total_markov_bits += float(values.columns["markov_bits"][has_value_P].sum())


@dataclass(frozen=True)
class TrackScorer:
    """Scores the bases of pieces for a track.

    Attributes:
        model: The trained model.
        markov: The Markov model beside it; None for none.
        both_strands: Whether the reverse strand is read too, and the values are the means of both.
    """

    model: ModelScorer
    markov: MarkovScorer | None
    both_strands: bool

    def score(self, placed: Sequence[PlacedPiece]) -> Iterator[BaseValues]:
        """Yields the values of each piece."""
        for first in range(0, len(placed), PIECES_AT_ONCE):
            part = placed[first : first + PIECES_AT_ONCE]
            pieces = [each.piece for each in part]
            forward = self.model.score(pieces)
            reverse = self.model.score([piece.other_strand() for piece in pieces]) if self.both_strands else None
            markov = None if self.markov is None else self._markov_nll(pieces)
            for number, each in enumerate(part):
                columns = {"forward_bits": forward[number].nll, "bits": forward[number].nll}
                columns["entropy_bits"] = forward[number].entropy
                if reverse is not None:
                    columns["reverse_bits"] = reverse[number].nll[::-1]
                    columns["bits"] = (columns["bits"] + columns["reverse_bits"]) / 2
                    columns["entropy_bits"] = (columns["entropy_bits"] + reverse[number].entropy[::-1]) / 2
                if markov is not None:
                    columns["markov_bits"] = markov[number]
                yield BaseValues(each, {name: values / math.log(2) for name, values in columns.items()})

    def _markov_nll(self, pieces: Sequence[Piece]) -> list[Floats]:
        assert self.markov is not None
        return strand_nll(self.markov, pieces).mean() if self.both_strands else self.markov.nll(pieces)


def write_bedgraph(values: Iterator[BaseValues], output: str, *, window: int, description: str) -> TrackMeans:
    """Writes the bits of each base, or the mean of each window, as bedGraph, and returns their means.

    Lines are `record start end bits`, 0-based with the end not included, as UCSC defines the format. Bases without a
    value, such as N, are in no line.

    Args:
        values: The values, piece by piece.
        output: The file.
        window: Number of bases of a window; pieces end where windows do.
        description: What the values are, for the header.

    Raises:
        InputError: The file cannot be written.
    """
    means = TrackMeans()
    name = re.sub(r'["\s]', "_", Path(output).stem)
    with new_file(output, example="x.bedgraph") as file, file.open("w", encoding="utf-8", newline="") as target:
        target.write(f'track type=bedGraph name="{name}" description="{description}"\n')
        for each in values:
            means.add(each)
            target.write("".join(_lines(each.placed, each.columns["bits"], window)))
    return means


def _lines(placed: PlacedPiece, bits_P: Floats, window: int) -> Iterator[str]:
    places_P = np.flatnonzero(np.isfinite(bits_P))
    if not len(places_P):
        return
    windows_P = (placed.start + places_P) // window
    # A window with a gap has a line for each run of bases.
    is_first_P = np.concatenate([[True], (np.diff(windows_P) > 0) | (np.diff(places_P) > 1)])
    firsts = np.flatnonzero(is_first_P)
    counts = np.diff(firsts, append=len(places_P))
    means = np.add.reduceat(bits_P[places_P], firsts) / counts
    starts = places_P[firsts] + placed.start
    for start, count, mean in zip(starts.tolist(), counts.tolist(), means.tolist(), strict=True):
        yield f"{placed.record}\t{start}\t{start + count}\t{mean:.4f}\n"


def write_table(values: Iterator[BaseValues], output: str) -> TrackMeans:
    """Writes a row for each base with all columns, and returns their means.

    Raises:
        InputError: The file cannot be written.
    """
    means = TrackMeans()
    with open_output(output, [*COLUMNS], COLUMNS, tool="halo") as writer:
        for each in values:
            means.add(each)
            writer.write(_rows(each))
    return means


def _rows(values: BaseValues) -> Iterator[Row]:
    placed, columns = values
    kept = np.flatnonzero(np.isfinite(columns["bits"])).tolist()
    given = {name: column[kept].tolist() for name, column in columns.items()}
    for number, place in enumerate(kept):
        yield {
            "record": placed.record,
            "position": placed.start + place + 1,
            "base": placed.piece.sequence[place],
            **{name: column[number] for name, column in given.items()},
        }

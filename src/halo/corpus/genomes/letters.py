"""The letters of a record -> pieces of known sequence: soft-masked letters, runs of N, IUPAC codes, qualities.

Shape letters: L letters of a record or piece.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import GenomeConfig
from halo.corpus.genomes.fastq import QUALITY_OFFSET
from halo.corpus.genomes.records import SequenceRecord
from halo.runtime.errors import InputError, counted

Letters = npt.NDArray[np.uint8]
"""Letters as ASCII codes, shape (L,)."""

BASES = b"ACGT"
AMBIGUOUS = b"RYSWKMBDHV"
"""IUPAC codes that stand for two or three bases."""
MIN_RUN = 10
"""The shortest run of N that counts as a gap of unknown sequence; UCSC and NCBI use runs of this length as well."""
MIN_PIECE = 10
"""The shortest piece between gaps that is read; a shorter record is read all the same."""
MIN_NUCLEOTIDES = 0.5
"""The lowest share of A, C, G, T, U and N among the letters of a nucleotide sequence; proteins have less."""
CASE_BIT = 0x20  # of ASCII: set in lower-case letters

_COMPLEMENTS = dict(zip(b"ACGTRYSWKMBDHVN", b"TGCAYRSWMKVHDBN", strict=True))


def _table(changes: dict[int, int]) -> Letters:
    table = np.arange(256, dtype=np.uint8)
    for old, new in changes.items():
        table[old], table[old | CASE_BIT] = new, new | CASE_BIT
    return table


_COMPLEMENT = _table(_COMPLEMENTS)
_READ_AS = _table({ord("U"): ord("T"), ord("X"): ord("N")})
_TO_N = _table(dict.fromkeys(AMBIGUOUS, ord("N")))
_IS_ALLOWED = np.isin(np.arange(256) & ~CASE_BIT, [*BASES, *AMBIGUOUS, *b"UXN"]) & (np.arange(256) >= ord("A"))
_IS_ALLOWED |= np.arange(256) == ord("-")


class Piece(NamedTuple):
    """A stretch of a record without gaps.

    Attributes:
        start: Index of its first letter in the record, from 0.
        letters: Its letters.
    """

    start: int
    letters: Letters


def reverse_complement(letters: Letters) -> Letters:
    """Returns the other strand, in its own direction; lower-case letters stay so.

    >>> bytes(reverse_complement(np.frombuffer(b"AACGTNRg", dtype=np.uint8)))
    b'cYNACGTT'
    """
    complement: Letters = _COMPLEMENT[letters[::-1]]
    return complement


def pieces_of(record: SequenceRecord, config: GenomeConfig, counts: Counter[str]) -> list[Piece]:
    """Returns the pieces of a record, in order, with its letters read as the settings say.

    Args:
        record: The record.
        config: The settings.
        counts: The number of bases, or of runs, that each rule concerned is added to it.

    Raises:
        InputError: A letter is no nucleotide, or the record is a protein.
    """
    letters = np.frombuffer(record.letters, dtype=np.uint8)
    _require_nucleotides(letters, record)
    letters = _read_as(letters, record, config, counts)
    is_left_out = np.zeros(len(letters), dtype=bool)
    is_lower = (letters & CASE_BIT) > 0
    counts["soft_masked"] += int(is_lower.sum())
    if config.soft_mask == "drop":
        is_left_out |= is_lower
    elif config.soft_mask == "upper":
        letters = letters & np.uint8(0xFF ^ CASE_BIT)
    is_unknown = (letters & np.uint8(0xFF ^ CASE_BIT)) == ord("N")
    counts["unknown"] += int(is_unknown.sum())
    if config.unknown == "split" and is_unknown.any():
        for start, end in runs(is_unknown):
            if end - start >= MIN_RUN:
                is_left_out[start:end] = True
                counts["unknown_runs"] += 1
                counts["unknown_left_out"] += end - start
    pieces = [Piece(start, letters[start:end]) for start, end in runs(~is_left_out)]
    kept = [piece for piece in pieces if len(piece.letters) >= min(MIN_PIECE, len(letters))]
    counts["short_pieces_left_out"] += sum(len(piece.letters) for piece in pieces) - sum(
        len(piece.letters) for piece in kept
    )
    return kept


def _read_as(letters: Letters, record: SequenceRecord, config: GenomeConfig, counts: Counter[str]) -> Letters:
    """Returns the letters without gaps of alignments, with U as T, and with IUPAC codes and poor bases as they ask."""
    number_of = np.bincount(letters & np.uint8(0xFF ^ CASE_BIT), minlength=256)
    counts["rna"] += int(number_of[ord("U")])
    counts["masked_x"] += int(number_of[ord("X")])
    ambiguous = int(number_of[[*AMBIGUOUS]].sum())
    counts["ambiguous"] += ambiguous
    if ambiguous and config.ambiguous == "refuse":
        place = int(np.isin(letters & np.uint8(0xFF ^ CASE_BIT), [*AMBIGUOUS]).argmax())
        raise InputError(
            f"{record.location}: record {record.name} has the IUPAC code {chr(letters[place])} at position "
            f"{place + 1:,}, and data.genome.ambiguous=refuse; set it to n or keep"
        )
    changed: Letters = _READ_AS[letters]
    if config.ambiguous == "n":
        changed = _TO_N[changed]
    if config.min_quality is not None and record.qualities:
        is_poor = np.frombuffer(record.qualities, dtype=np.uint8) < QUALITY_OFFSET + config.min_quality
        counts["poor_quality"] += int(is_poor.sum())
        changed[is_poor] = ord("N")
    is_gap = letters == ord("-")
    if is_gap.any():
        counts["alignment_gaps"] += int(is_gap.sum())
        changed = changed[~is_gap]
    return changed


def _require_nucleotides(letters: Letters, record: SequenceRecord) -> None:
    """Raises `InputError` unless all letters are nucleotides, and most of them A, C, G, T, U or N."""
    number_of = np.bincount(letters & np.uint8(0xFF ^ CASE_BIT), minlength=256)
    plain = int(number_of[[*b"ACGTUN"]].sum()) + int((letters == ord("-")).sum())
    is_wrong = ~_IS_ALLOWED[letters]
    place = int(is_wrong.argmax())
    wrong = chr(letters[place]) if is_wrong.any() else ""
    if plain < MIN_NUCLEOTIDES * len(letters) or wrong.upper() in tuple("EFILPQZJO*"):
        found = f"{wrong} at position {place + 1:,}" if wrong else counted(len(letters) - plain, "ambiguous letter")
        raise InputError(
            f"{record.location}: record {record.name} is no nucleotide sequence ({found}), but looks like a protein; "
            "give DNA or RNA, or data=text for other text"
        )
    if wrong:
        shown = wrong if wrong.isprintable() else f"byte 0x{letters[place]:02x}"
        raise InputError(
            f"{record.location}: record {record.name} has {shown} at position {place + 1:,}, which is no nucleotide; "
            "allowed are A, C, G, T, U, N, the other IUPAC codes, and - in alignments"
        )


def runs(is_inside: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Returns the start and end of each run of true values.

    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    padded = np.concatenate(([False], is_inside, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))

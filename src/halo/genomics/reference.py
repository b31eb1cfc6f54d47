"""A FASTA file as stretches of known sequence with coordinates, read as the training sequences of a model were."""

import bisect
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from halo.config import DataConfig, GenomeConfig
from halo.corpus.genomes.letters import pieces_of
from halo.corpus.genomes.reading import read_sequences
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.file_kinds import SEQUENCE_KINDS
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError

MAX_LISTED = 5


class Stretch(NamedTuple):
    """A stretch of a record without gaps.

    Attributes:
        record: The name of the record.
        start: Index of its first base in the record, from 0.
        sequence: Its letters.
    """

    record: str
    start: int
    sequence: str

    @property
    def end(self) -> int:
        """Index behind its last base."""
        return self.start + len(self.sequence)


@dataclass
class Reference:
    """The sequences that coordinates refer to.

    Attributes:
        name: The file, as the user named it.
        lengths: The number of letters of each record.
        stretches: The known stretches of each record, in order.
    """

    name: str
    lengths: dict[str, int] = field(default_factory=dict)
    stretches: dict[str, list[Stretch]] = field(default_factory=dict)

    def all_stretches(self) -> Iterator[Stretch]:
        """Yields all stretches, record by record."""
        for stretches in self.stretches.values():
            yield from stretches

    def require_record(self, record: str, *, place: str) -> None:
        """Raises `InputError` if there is no record of this name.

        Args:
            record: The name.
            place: What names it, for the message.
        """
        if record not in self.lengths:
            names = [*self.lengths]
            listed = ", ".join(names[:MAX_LISTED]) + f", ... ({len(names):,})" * (len(names) > MAX_LISTED)
            raise InputError(f"{place}: no sequence {record!r} in {self.name}, which has {listed}; use these names")

    def stretch_at(self, record: str, position: int) -> Stretch | None:
        """Returns the stretch that a position, from 0, is in; None in a gap or outside the record."""
        stretches = self.stretches[record]
        number = bisect.bisect_right(stretches, position, key=lambda each: each.start) - 1
        return stretches[number] if number >= 0 and position < stretches[number].end else None


def read_reference(path: str | list[str], config: DataConfig, *, key: str = "path") -> Reference:
    """Returns the sequences of FASTA or FASTQ files.

    Args:
        path: A file, folder, glob or URL, or a list of them.
        config: The settings of the model's own sequences: how letters are read.
        key: The setting that holds the path, for messages.

    Raises:
        InputError: A file cannot be read, or two records have the same name.
    """
    genome = genome_config(config, place=f"{key}={path}")
    paths = [path] if isinstance(path, str) else path
    found = find_files(paths, key=key, kinds=SEQUENCE_KINDS)
    found.log_ignored(key)
    read_log, reference = ReadLog(), Reference(str(path))
    for file in found.files:
        for record in read_sequences(file, genome, read_log):
            if record.name in reference.lengths:
                raise InputError(
                    f"{record.location}: a second record {record.name!r}; coordinates would be ambiguous: give each "
                    "record a name of its own"
                )
            reference.lengths[record.name] = len(record.letters)
            reference.stretches[record.name] = [
                Stretch(record.name, piece.start, piece.letters.tobytes().decode("ascii"))
                for piece in pieces_of(record, genome, Counter())
            ]
    read_log.report()
    if not any(reference.stretches.values()):
        raise InputError(f"{key}={path}: has no bases; give a FASTA file with sequences")
    return reference


def genome_config(config: DataConfig, *, place: str) -> GenomeConfig:
    """Returns how a model's sequences are read.

    Raises:
        InputError: It is not a model of a genome.
    """
    if config.genome is None:
        raise InputError(f"{place}: this model was trained on text; give a model of halo.train data=genome")
    return config.genome


_REGION = re.compile(r"(?P<record>.+?)(?::(?P<start>[\d,]+)(?:-(?P<end>[\d,]+)?)?)?")


def find_region(reference: Reference, region: str) -> list[tuple[Stretch, int, int]]:
    """Returns the parts of stretches that are in a region, each with its begin and end as indexes of the stretch.

    Args:
        reference: The sequences.
        region: As samtools writes it: `chr`, `chr:start-end`, or `chr:start` up to the end of the record; 1-based, with
            both ends included, also with commas in numbers.

    Raises:
        InputError: The region cannot be read, or there is none of its bases.
    """
    place = f"region={region}"
    match = None if region in reference.lengths else _REGION.fullmatch(region)
    record, start_text, end_text = (region, None, None) if match is None else match.group("record", "start", "end")
    reference.require_record(record, place=place)
    length = reference.lengths[record]
    start = int(start_text.replace(",", "") or 0) if start_text else 1
    end = int(end_text.replace(",", "") or 0) if end_text else length
    if not 1 <= start <= end <= length:
        raise InputError(
            f"{place}: must be within 1-{length}, the length of {record}, and not end before it starts; positions "
            "count from 1, and both ends are included"
        )
    parts = [
        (stretch, max(start - 1 - stretch.start, 0), min(end, stretch.end) - stretch.start)
        for stretch in reference.stretches[record]
        if stretch.start < end and stretch.end >= start
    ]
    if not parts:
        raise InputError(f"{place}: has no known bases, only N; name another region")
    return parts

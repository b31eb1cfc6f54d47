"""FASTQ: `@NAME`, letters, `+`, and the quality of each letter; both may be wrapped (Cock et al. 2010).

Qualities are Phred scores plus 33, as in all files since 2011. Files with plus 64 are recognised, and refused where
qualities matter.
"""

from collections.abc import Iterator

import numpy as np

from halo.corpus.genomes.records import SequenceReader, SequenceRecord
from halo.runtime.errors import InputError, printable

QUALITY_OFFSET = 33
LOWEST_OF_64 = 59  # Solexa's -5 plus 64
HIGHEST_OF_64 = 64 + 41
HIGHEST_OF_33 = 33 + 41  # of Illumina; other machines that go beyond it also have low qualities, or far higher ones
MAX_QUALITY = 126
DETECTION_READS = 10_000


def read_fastq(lines: Iterator[tuple[int, bytes]], reader: SequenceReader) -> Iterator[SequenceRecord]:
    """Yields the reads of a FASTQ file.

    Args:
        lines: Numbers and contents of its lines, the first of which begins with `@`.
        reader: The file.

    Raises:
        InputError: A read is truncated or damaged, or qualities are needed and written as Phred + 64.
    """
    offset = _OffsetCheck(reader)
    for number, line in lines:
        if not line.strip():
            continue
        if not line.startswith(b"@"):
            raise InputError(f"{reader.place(number)}: a read of FASTQ begins with @NAME; the file is damaged here")
        words = printable(line[1:].decode("utf-8", "replace").replace("\t", " ")).split()
        name = words[0] if words else f"line_{number}"
        letters, qualities = _read(name, number, lines, reader)
        offset.add(qualities)
        if letters:
            place = reader.place(number)
            yield SequenceRecord(name, place, reader.file.split, reader.file.name, letters, qualities)
        else:
            reader.log.note("read[|s] without letters [was|were] skipped", reader.place(number))
    offset.require_33()


def _read(name: str, start: int, lines: Iterator[tuple[int, bytes]], reader: SequenceReader) -> tuple[bytes, bytes]:
    """Returns the letters and the qualities of the read that begins at line `start`."""
    parts: list[bytes] = []
    for _, line in lines:
        if line.startswith(b"+"):
            break
        parts.append(line.strip())
    else:
        raise _truncated(name, start, reader)
    letters, qualities = b"".join(parts), b""
    for _, line in lines:
        qualities += line.strip(b" \t")
        if len(qualities) >= len(letters):
            break
    if len(qualities) < len(letters):
        raise _truncated(name, start, reader)
    if len(qualities) > len(letters):
        raise InputError(
            f"{reader.place(start)}: read {name} has {len(letters):,} letters and {len(qualities):,} qualities; the "
            "file is damaged, or no FASTQ"
        )
    invalid = [value for value in qualities if not QUALITY_OFFSET <= value <= MAX_QUALITY] if qualities else []
    if invalid:
        raise InputError(
            f"{reader.place(start)}: read {name} has a quality {chr(invalid[0])!r}, which is not from ! to ~; the "
            "file is damaged"
        )
    return letters, qualities


def _truncated(name: str, line: int, reader: SequenceReader) -> InputError:
    return InputError(
        f"{reader.place(line)}: the file ends within read {name}; it is truncated: download or write it again"
    )


class _OffsetCheck:
    """Refuses qualities of Phred + 64 as soon as enough reads have been seen.

    Args:
        reader: The file.
    """

    def __init__(self, reader: SequenceReader) -> None:
        self._reader = reader
        self._reads = 0
        self._lowest, self._highest = MAX_QUALITY, QUALITY_OFFSET

    def add(self, qualities: bytes) -> None:
        """Looks at the qualities of a read."""
        if qualities and self._reader.config.min_quality is not None:
            values = np.frombuffer(qualities, dtype=np.uint8)
            self._lowest = min(self._lowest, int(values.min()))
            self._highest = max(self._highest, int(values.max()))
            self._reads += 1
            if self._reads == DETECTION_READS:
                self.require_33()

    def require_33(self) -> None:
        """Raises `InputError` if the qualities can only be Phred + 64."""
        if self._lowest >= LOWEST_OF_64 and HIGHEST_OF_33 < self._highest <= HIGHEST_OF_64:
            raise InputError(
                f"{self._reader.file.name}: qualities from {chr(self._lowest)} to {chr(self._highest)} are written as "
                "Phred + 64; convert the file, for example with `seqtk seq -VQ64`, or set data.genome.min_quality=null"
            )

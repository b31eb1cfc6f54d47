"""FASTA and FASTQ files -> records, as a stream; the first character of a file says which of the two it is."""

import itertools
from collections.abc import Iterator

from halo.config import GenomeConfig
from halo.corpus.genomes.fasta import read_fasta
from halo.corpus.genomes.fastq import read_fastq
from halo.corpus.genomes.records import SequenceReader, SequenceRecord
from halo.corpus.sources.encodings import binary_kind, mark_of
from halo.corpus.sources.files import SourceFile, read_chunks
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError, printable

MAX_SHOWN = 40
_OTHER_FORMATS = {
    b"LOCUS": "GenBank; convert it to FASTA, for example with `any2fasta`",
    b"ID   ": "EMBL; convert it to FASTA, for example with `any2fasta`",
    b"##gff": "GFF, which holds annotations; give the FASTA file of their sequences",
    b"##fileformat=VCF": "VCF, which holds variants; give the FASTA file of their reference",
    b"@HD\t": "SAM; convert it with `samtools fastq`",
    b"@SQ\t": "SAM; convert it with `samtools fastq`",
    b"BAM\x01": "BAM; convert it with `samtools fastq`",
    b"CRAM": "CRAM; convert it with `samtools fastq`",
    b"CLUSTAL": "an alignment; convert it to FASTA without gaps",
}


def read_sequences(file: SourceFile, config: GenomeConfig, log: ReadLog) -> Iterator[SequenceRecord]:
    """Yields the records of a FASTA or FASTQ file, none of them empty.

    Raises:
        InputError: The file cannot be read, or is neither FASTA nor FASTQ.
    """
    chunks = read_chunks(file)
    first = next(chunks, b"")
    mark, encoding = mark_of(first)
    if encoding not in ("", "utf-8") or b"\0" in first:
        _require_known(first, file)
        raise InputError(f"{file.name}: is {encoding or 'no text'}, not FASTA or FASTQ; convert it to plain ASCII text")
    lines = _lines(itertools.chain([first.removeprefix(mark)], chunks))
    start = next(((number, line) for number, line in lines if line.strip()), None)
    if start is None:
        return
    number, line = start
    reader = SequenceReader(file, config, log)
    rest = itertools.chain([start], lines)
    _require_known(first, file)
    if line.startswith(b"@"):
        yield from read_fastq(rest, reader)
    elif line.startswith((b">", b";")):
        yield from read_fasta(rest, reader)
    else:
        shown = printable(line[:MAX_SHOWN].decode("utf-8", "replace"))
        raise InputError(
            f"{reader.place(number)}: begins with {shown!r}, and a FASTA file begins with >NAME, a FASTQ file with "
            "@NAME; give such a file, or data=text for other text"
        )


def _require_known(first: bytes, file: SourceFile) -> None:
    """Raises `InputError` if the beginning of a file is that of another format."""
    other = next((name for begin, name in _OTHER_FORMATS.items() if first.startswith(begin)), "")
    kind = binary_kind(first)
    if other or kind:
        suffix = f"{kind}; give it its usual suffix, or unpack it"
        raise InputError(f"{file.name}: not FASTA or FASTQ, but {other or suffix}")


def _lines(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    r"""Yields the number and the content of each line, without its end: LF, CR LF or CR.

    >>> list(_lines(iter([b">a\r", b"\nAC", b"GT\rA"])))
    [(1, b'>a'), (2, b'ACGT'), (3, b'A')]
    """
    number = 1
    pending: list[bytes] = []
    held = b""  # a CR at the end of a chunk, whose LF may follow
    for chunk in itertools.chain(chunks, [b""]):
        block = held + chunk
        held = b"\r" if block.endswith(b"\r") and chunk else b""
        block = block[: len(block) - len(held)]
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *complete, last = block.split(b"\n")
        for line in complete:
            yield number, b"".join((*pending, line)) if pending else line
            pending = []
            number += 1
        if last:
            pending.append(last)
    if pending:
        yield number, b"".join(pending)

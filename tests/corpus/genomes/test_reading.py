"""Reading: the first character tells the format, through any compression; other formats are refused in a line."""

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

import pytest
import zstandard

from halo.corpus.genomes.reading import read_sequences
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from tests.support.genomes import genome_config, source_of

FASTA = b">chr1 a virus\nACGT\nAC\n>chr2\nTTTT\n"


def read(file: Path) -> list[tuple[str, bytes]]:
    return [(record.name, record.letters) for record in read_sequences(source_of(file), genome_config(), ReadLog())]


def test_every_compression_and_line_end_gives_the_same_records(tmp_path: Path) -> None:
    contents = {
        "a.fa": FASTA,
        "a.fna.gz": gzip.compress(FASTA),
        "a.fasta.bz2": bz2.compress(FASTA),
        "a.ffn.xz": lzma.compress(FASTA),
        "a.fas.zst": zstandard.compress(FASTA),
        "windows.fa": FASTA.replace(b"\n", b"\r\n"),
        "mac.fa": FASTA.replace(b"\n", b"\r"),
        "mark.fa": b"\xef\xbb\xbf\n\n" + FASTA.rstrip(b"\n"),
        "no_suffix": FASTA,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        assert read(tmp_path / name) == [("chr1", b"ACGTAC"), ("chr2", b"TTTT")], name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner/a.fa", FASTA)
    assert read(tmp_path / "a.zip") == [("chr1", b"ACGTAC"), ("chr2", b"TTTT")]


def test_fastq_is_recognised_by_its_first_character(tmp_path: Path) -> None:
    (tmp_path / "reads.fa").write_bytes(b"@r1\nACGT\n+\nIIII\n")
    assert read(tmp_path / "reads.fa") == [("r1", b"ACGT")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ACGT\nACGT\n", r"line 1: begins with 'ACGT', and a FASTA file begins with >NAME"),
        (b"\nLOCUS       NC_001416 48502 bp\n", "begins with 'LOCUS"),
        (b"LOCUS       NC_001416 48502 bp\n", "GenBank; convert it to FASTA"),
        (b"##gff-version 3\n", "GFF, which holds annotations"),
        (b"##fileformat=VCFv4.2\n", "VCF, which holds variants"),
        (b"@HD\tVN:1.6\n", "SAM; convert it with `samtools fastq`"),
        (b"BAM\x01\x00\x00", "BAM; convert it"),
        (">a\nACGT\n".encode("utf-16"), "is utf-16, not FASTA or FASTQ"),
        (b"\x1f\x8b\x08\x00", "gzip data"),
    ],
)
def test_other_files_are_refused_in_one_line(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_bytes(content)
    with pytest.raises(InputError, match=message) as raised:
        read(tmp_path / "a.fa")
    assert "\n" not in str(raised.value)


def test_a_blank_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_bytes(b"\n \n")
    assert read(tmp_path / "a.fa") == []


def test_lines_that_are_longer_than_a_chunk_are_whole(tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_bytes(b">a\r\n" + b"ACGT" * 200_000 + b"\r\n" + b"G" * 7)
    assert [len(letters) for _, letters in read(tmp_path / "a.fa")] == [800_007]

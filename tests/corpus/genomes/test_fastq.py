"""FASTQ: wrapped reads, truncated and damaged files, and qualities that are written as Phred + 64."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from halo.corpus.genomes.fastq import read_fastq
from halo.corpus.genomes.records import SequenceReader, SequenceRecord
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from tests.support.genomes import genome_config, source_of


def read(text: str, tmp_path: Path, *settings: str) -> Iterator[SequenceRecord]:
    file = tmp_path / "a.fq"
    file.write_text(text, encoding="utf-8")
    reader = SequenceReader(source_of(file), genome_config(*settings), ReadLog())
    return read_fastq(iter(enumerate(text.encode().split(b"\n"), 1)), reader)


def test_reads_have_letters_and_qualities_also_if_wrapped(tmp_path: Path) -> None:
    found = list(read("@r1/1 x\nACGT\n+r1\n@+I!\n\n@r2\nAC\nGT\n+\n@I\n+I\n@r3\n\n+\n\n@r1/1\nA\n+\nI\n", tmp_path))
    assert [(each.name, each.letters, each.qualities) for each in found] == [
        ("r1/1", b"ACGT", b"@+I!"),
        ("r2", b"ACGT", b"@I+I"),
        ("r1/1", b"A", b"I"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@r1\nACGT\n+\nIIII\n@r2\nACGT\n", "line 5: the file ends within read r2; it is truncated"),
        ("@r1\nACGT\n+\nII", "line 1: the file ends within read r1"),
        ("@r1\nACGT\n", "line 1: the file ends within read r1"),
        ("@r1\nACGT\n+\nIIIIII\n", "read r1 has 4 letters and 6 qualities"),
        ("@r1\nACGT\n+\nII\x07I\n", "has a quality '.x07', which is not from ! to ~"),
        ("@r1\nACGT\n+\nIIII\nACGT\n", "line 5: a read of FASTQ begins with @NAME"),
    ],
)
def test_damage_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        list(read(text, tmp_path))


def test_phred_64_is_refused_only_where_qualities_matter(tmp_path: Path) -> None:
    text = "@r1\nACGT\n+\nBfgh\n"
    with pytest.raises(InputError, match="qualities from B to h are written as Phred \\+ 64"):
        list(read(text, tmp_path, "min_quality=20"))
    assert len(list(read(text, tmp_path))) == 1


@pytest.mark.parametrize("qualities", ["FFFF", "#,:F", "~~~~", "@~~~", "!5JS"])
def test_phred_33_of_all_machines_is_read(qualities: str, tmp_path: Path) -> None:
    assert len(list(read(f"@r1\nACGT\n+\n{qualities}\n", tmp_path, "min_quality=20"))) == 1

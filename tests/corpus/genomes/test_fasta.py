"""FASTA: headers, comments and empty records; what is damaged is refused with its line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from halo.corpus.genomes.fasta import read_fasta
from halo.corpus.genomes.records import SequenceReader, SequenceRecord
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from tests.support.genomes import genome_config, source_of


def read(text: str, tmp_path: Path, log: ReadLog | None = None) -> Iterator[SequenceRecord]:
    file = tmp_path / "a.fa"
    file.write_text(text, encoding="utf-8")
    reader = SequenceReader(source_of(file), genome_config(), ReadLog() if log is None else log)
    return read_fasta(iter(enumerate(text.encode().split(b"\n"), 1)), reader)


def test_names_are_the_first_words_of_headers(tmp_path: Path) -> None:
    text = ">gi|9626243|ref|NC_001416.1| phage > lambda\nACGT\n> spaced name\nA C G\tT\n>lower\nacgt"
    found = [(record.name, record.letters) for record in read(text, tmp_path)]
    assert found == [("gi|9626243|ref|NC_001416.1|", b"ACGT"), ("spaced", b"ACGT"), ("lower", b"acgt")]


def test_empty_records_comments_and_missing_names_are_counted(tmp_path: Path) -> None:
    log = ReadLog()
    found = list(read("; old\n>a\n>b\n\n>\nACGT\n>c\nA\n;end\nC", tmp_path, log))
    assert [(record.name, record.letters) for record in found] == [("line_5", b"ACGT"), ("c", b"AC")]
    assert sorted(log.counts.values()) == [1, 2, 2]
    assert found[0].location.endswith("a.fa, line 5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">a\nACGT\n>b\nAC\n>a\nGG\n", "line 5: a second record 'a', after that of line 1"),
        (">a\nACGT>b\nACGT\n", "line 2: has a > within a line of letters"),
        ("; comment\nACGT\n>a\nACGT\n", "line 2: letters before the first >NAME"),
    ],
)
def test_damage_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        list(read(text, tmp_path))

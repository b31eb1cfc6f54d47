"""Records: the place of a line in messages."""

from pathlib import Path

from halo.corpus.genomes.records import SequenceReader
from halo.corpus.sources.lines import ReadLog
from tests.support.genomes import genome_config, source_of


def test_a_place_names_the_file_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_text(">a", encoding="utf-8")
    reader = SequenceReader(source_of(tmp_path / "a.fa"), genome_config(), ReadLog())
    assert reader.place(1_200) == f"{tmp_path / 'a.fa'}, line 1,200"

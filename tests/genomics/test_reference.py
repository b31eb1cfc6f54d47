"""FASTA files with coordinates, and regions of them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from halo.config import DataConfig, PrepareConfig, parse
from halo.genomics.reference import Reference, find_region, read_reference
from halo.runtime.errors import InputError
from tests.conftest import compose_config, data_config
from tests.support.sequences import write_fasta

SEQUENCE = f"acgtACGTAC{'N' * 12}GGNNCCGGAA"


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    file = write_fasta(tmp_path / "genome.fa", {"chr1 the first": SEQUENCE, "gi|1:2-3|": "TTTT"}, width=5)
    return read_reference(str(file), genome_data())


@cache
def genome_data() -> DataConfig:
    return parse(compose_config("prepare", ["data=genome", "data.path=x"]), PrepareConfig).data


def test_runs_of_n_divide_a_record_and_short_ones_stay(reference: Reference) -> None:
    assert reference.lengths == {"chr1": 32, "gi|1:2-3|": 4}
    assert [(each.start, each.sequence) for each in reference.stretches["chr1"]] == [
        (0, "ACGTACGTAC"),
        (22, "GGNNCCGGAA"),
    ]


def test_a_position_is_in_one_stretch_or_in_a_gap(reference: Reference) -> None:
    found = [reference.stretch_at("chr1", position) for position in (0, 9, 10, 21, 22, 31, 32)]
    assert [each and each.start for each in found] == [0, 0, None, None, 22, 22, None]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("chr1", ["ACGTACGTAC", "GGNNCCGGAA"]),
        ("chr1:1-1", ["A"]),
        ("chr1:10-23", ["C", "G"]),
        ("chr1:30", ["GAA"]),
        ("chr1:30-", ["GAA"]),
        ("chr1:0,025-00026", ["NN"]),
        ("gi|1:2-3|", ["TTTT"]),
        ("gi|1:2-3|:2-3", ["TT"]),
    ],
)
def test_a_region_is_what_samtools_would_give(reference: Reference, region: str, expected: list[str]) -> None:
    parts = find_region(reference, region)
    assert [stretch.sequence[begin:end] for stretch, begin, end in parts] == expected


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("chr2:1-5", "region=chr2:1-5: no sequence 'chr2' in .*genome.fa, which has chr1, gi"),
        ("chr1:5-4", "must be within 1-32"),
        ("chr1:0-4", "must be within 1-32"),
        ("chr1:1-33", "must be within 1-32"),
        ("chr1:11-22", "has no known bases, only N"),
        ("chr1:a-b", "no sequence 'chr1:a-b'"),
    ],
)
def test_a_region_that_is_not_there_is_an_error(reference: Reference, region: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_region(reference, region)


def test_records_of_one_name_and_models_of_text_are_refused(tmp_path: Path) -> None:
    write_fasta(tmp_path / "a.fa", {"x": "ACGT"})
    write_fasta(tmp_path / "b.fa", {"x": "ACGT"})
    with pytest.raises(InputError, match="a second record 'x'"):
        read_reference(str(tmp_path), genome_data())
    with pytest.raises(InputError, match="was trained on text"):
        read_reference(str(tmp_path / "a.fa"), replace(data_config()))

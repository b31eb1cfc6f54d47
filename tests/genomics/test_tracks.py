"""Scores along sequences, read back from their files."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from halo.genomics.markov import ContextCounts, MarkovModel, Smoothing
from halo.genomics.pieces import MarkovScorer, Piece
from halo.genomics.reference import Stretch
from halo.genomics.tracks import BaseValues, PlacedPiece, TrackScorer, place_pieces, write_bedgraph, write_table
from halo.runtime.errors import InputError
from tests.support.sequences import letters, random_bases, untrained_scorer

STRETCH = Stretch("chr1", 1000, letters(random_bases(300)))


def values_of(stretch: Stretch, bits: list[float]) -> Iterator[BaseValues]:
    placed = PlacedPiece(stretch.record, stretch.start, Piece("", stretch.sequence, ""))
    yield BaseValues(placed, {"bits": np.array(bits)})


def read_bedgraph(file: Path) -> list[tuple[str, int, int, float]]:
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    assert header.startswith("track type=bedGraph name=")
    rows = [line.split("\t") for line in lines]
    return [(record, int(start), int(end), float(value)) for record, start, end, value in rows]


@pytest.mark.parametrize("window", [1, 7, 50, 20_000])
def test_pieces_end_where_windows_do_and_cover_every_base_once(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halo.genomics.tracks.MAX_PIECE", 60)
    placed = list(place_pieces(STRETCH, 13, 290, context=11, window=window))
    assert "".join(each.piece.sequence for each in placed) == STRETCH.sequence[13:290]
    assert all(each.start % window == 0 for each in placed[1:])
    for each in placed:
        first = each.start - STRETCH.start
        assert each.piece.before == STRETCH.sequence[max(0, first - 11) : first]
        last = first + len(each.piece.sequence)
        assert each.piece.after == STRETCH.sequence[last : last + 11]


def test_bedgraph_has_a_line_for_each_base_with_a_value(tmp_path: Path) -> None:
    stretch = Stretch("chr1", 5, "ACNGT")
    means = write_bedgraph(
        values_of(stretch, [1.0, 2.0, math.nan, 0.5, 4.0]), str(tmp_path / "a.bedgraph"), window=1, description="x"
    )
    assert read_bedgraph(tmp_path / "a.bedgraph") == [
        ("chr1", 5, 6, 1.0),
        ("chr1", 6, 7, 2.0),
        ("chr1", 8, 9, 0.5),
        ("chr1", 9, 10, 4.0),
    ]
    assert (means.bases, means.bits) == (4, 7.5 / 4)


def test_windows_are_means_that_begin_at_multiples_and_end_at_gaps(tmp_path: Path) -> None:
    stretch = Stretch("chr1", 2, "ACGTNACG")
    values = values_of(stretch, [1.0, 2.0, 3.0, 4.0, math.nan, 6.0, 7.0, 9.0])
    write_bedgraph(values, str(tmp_path / "a.bg"), window=4, description="x")
    assert read_bedgraph(tmp_path / "a.bg") == [
        ("chr1", 2, 4, 1.5),
        ("chr1", 4, 6, 3.5),
        ("chr1", 7, 8, 6.0),
        ("chr1", 8, 10, 8.0),
    ]


def test_a_table_has_both_strands_and_the_markov_model(tmp_path: Path) -> None:
    markov = MarkovScorer(
        MarkovModel(ContextCounts([random_bases(200, seed=3)], max_order=2), 2, Smoothing("additive", 1))
    )
    scorer = untrained_scorer()
    stretch = Stretch("chr1", 10, "ACGTTGCANACGGT")
    placed = list(place_pieces(stretch, 0, 14, context=0))
    means = write_table(TrackScorer(scorer, markov, both_strands=True).score(placed), str(tmp_path / "a.tsv"))
    with (tmp_path / "a.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [(row["record"], int(row["position"]), row["base"]) for row in rows] == [
        ("chr1", 11 + place, base) for place, base in enumerate(stretch.sequence) if base != "N"
    ]
    forward = scorer.nll([placed[0].piece])[0]
    reverse = scorer.nll([placed[0].piece.other_strand()])[0][::-1]
    known = [place for place, base in enumerate(stretch.sequence) if base != "N"]
    for name, nll in (("forward_bits", forward), ("reverse_bits", reverse), ("bits", (forward + reverse) / 2)):
        np.testing.assert_allclose([float(row[name]) for row in rows], nll[known] / math.log(2), rtol=1e-5)
    assert all(0 < float(row["entropy_bits"]) <= 2 and float(row["markov_bits"]) > 0 for row in rows)
    assert means.markov_bits == pytest.approx(np.mean([float(row["markov_bits"]) for row in rows]), rel=1e-5)


def test_one_strand_leaves_the_column_of_the_other_empty(tmp_path: Path) -> None:
    placed = [PlacedPiece("x", 0, Piece("", "ACGT", ""))]
    write_table(TrackScorer(untrained_scorer(), None, both_strands=False).score(placed), str(tmp_path / "a.csv"))
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["reverse_bits"] for row in rows] == [""] * 4
    assert [row["bits"] for row in rows] == [row["forward_bits"] for row in rows]


def test_a_file_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"output=.*cannot be written"):
        write_bedgraph(values_of(STRETCH, [1.0] * 300), str(tmp_path / "file" / "a.bg"), window=1, description="x")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]

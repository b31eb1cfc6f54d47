"""Sequences of a prepared genome."""

from dataclasses import replace

import numpy as np
import pytest

from halo.corpus.corpus import Corpus
from halo.corpus.genomes.regions import Regions
from halo.corpus.prepare import prepare
from halo.genomics.bases import UNKNOWN, codes_of, reverse_complement
from halo.genomics.sequences import split_pieces, split_sequences, training_codes
from tests.genomics.test_reference import genome_data
from tests.support.sequences import letters, random_bases, write_fasta

GENOME = f"{letters(random_bases(4000))}NN{letters(random_bases(4000, seed=1))}"


@pytest.fixture(scope="module", params=["char", "kmer"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("genome")
    data = genome_data()
    assert data.genome is not None
    return prepare(
        replace(
            data,
            path=str(write_fasta(folder / "genome.fa", {"chr1": GENOME})),
            cache_dir=str(folder / "cache"),
            genome=replace(data.genome, gap=20, region_length=500, kmer_length=3, reverse_complement=True),
            tokenizer=replace(data.tokenizer, kind=request.param),
        )
    )


def test_sequences_of_a_split_are_those_at_its_places(corpus: Corpus) -> None:
    regions = Regions.load(corpus.folder, "test")
    sequences = split_sequences(corpus, "test")
    assert len(sequences) == len(regions)
    for sequence, start, end in zip(sequences, regions.start, regions.end, strict=True):
        expected = GENOME[start:end]
        assert len(sequence) == end - start
        assert all(one in (other, "N") for one, other in zip(sequence, expected, strict=True))
        assert sequence.count("N") <= 6  # a k-mer with N is unknown


def test_training_codes_are_those_of_both_strands(corpus: Corpus) -> None:
    regions = Regions.load(corpus.folder, "train")
    assert set(regions.strand) == {"+", "-"}
    for codes, start, end, strand in zip(
        training_codes(corpus), regions.start, regions.end, regions.strand, strict=True
    ):
        expected = codes_of(GENOME[start:end] if strand == "+" else reverse_complement(GENOME[start:end]))
        assert len(codes) == len(expected)
        is_base = codes != UNKNOWN
        np.testing.assert_array_equal(codes[is_base], expected[is_base])
        assert is_base.sum() >= len(expected) - 6


def test_pieces_are_read_by_themselves(corpus: Corpus) -> None:
    pieces = split_pieces(corpus, "validation")
    assert {(piece.before, piece.after) for piece in pieces} == {("", "")}
    assert [piece.sequence for piece in pieces] == split_sequences(corpus, "validation")

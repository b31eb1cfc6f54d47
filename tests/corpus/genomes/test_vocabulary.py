"""The vocabulary of a genome: all tokens of plain bases, and ids that are those of the tokenizer."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from halo.corpus.genomes.vocabulary import RegionEncoder, label_numbers, make_tokenizer, token_counts, unknown_tokens
from halo.tokenization.tokenizer import TextTokenizer
from tests.support.genomes import genome_data, random_bases


def tokenizer_of(
    kind: Literal["char", "kmer"], token_length: int, *, min_count: int = 1, max_size: int | None = None
) -> TextTokenizer:
    config = replace(genome_data().tokenizer, kind=kind, min_count=min_count, max_size=max_size)
    letters = random_bases(token_length * 3_000, seed=1, letters=b"ACGT" * 20 + b"N")
    return make_tokenizer(token_counts([letters], token_length), config)


@pytest.mark.parametrize(("kind", "token_length"), [("char", 1), ("kmer", 2), ("kmer", 3), ("kmer", 8)])
def test_ids_are_those_of_the_tokenizer(kind: Literal["char", "kmer"], token_length: int) -> None:
    tokenizer = tokenizer_of(kind, token_length)
    letters = random_bases(token_length * 500, seed=2, letters=b"ACGTACGTACGTRN")
    encoder = RegionEncoder(tokenizer, token_length)
    ids = encoder.encode(letters)
    assert ids.tolist() == tokenizer.encode(letters.tobytes().decode())
    is_unknown = ids == tokenizer.unk_id
    assert is_unknown.any()
    vocabulary = tokenizer.vocabulary()
    expected = [token for token in tokenizer.tokens(letters.tobytes().decode()) if token not in vocabulary]
    assert unknown_tokens(letters, is_unknown, token_length) == expected


def test_plain_bases_are_in_the_vocabulary_even_if_they_do_not_occur() -> None:
    assert {*"ACGT"} <= {*tokenizer_of("char", 1, min_count=10_000).vocabulary()}
    assert tokenizer_of("kmer", 6, min_count=10_000).vocab_size == 4**6 + 2
    assert tokenizer_of("kmer", 6, max_size=100).vocab_size == 100


def test_a_saved_tokenizer_of_kmers_is_the_same(tmp_path: Path) -> None:
    tokenizer = tokenizer_of("kmer", 3)
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = TextTokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.kind == "kmer"
    assert loaded.decode(loaded.encode("ACGTTTGAC")) == "ACGTTTGAC"
    assert loaded.encode("ACGTTTGA")[-1] == loaded.unk_id, "the last piece is too short for a token"


def test_records_are_labels_unless_there_are_one_or_too_many() -> None:
    names, numbers = label_numbers(["chr1", "chr1", "chr2"], max_labels=5)
    assert (names, numbers.tolist()) == (["chr1", "chr2"], [0, 0, 1])
    assert label_numbers(["chr1", "chr1"], max_labels=5)[0] == [""]
    assert label_numbers(["a", "b", "c"], max_labels=2)[0] == [""]

"""Tokens of a vocabulary that are bases."""

import itertools

import pytest

from halo.genomics.base_tokens import BaseTokens
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.support.sequences import genome_tokenizer


def test_single_bases_are_found_and_other_letters_left_out() -> None:
    tokenizer = genome_tokenizer(others="NR")
    tokens = BaseTokens.of(tokenizer, place="x")
    assert (tokens.length, tokens.num_groups) == (1, 4)
    found = {token for token, token_id in tokenizer.vocabulary().items() if tokens.group_of_id[token_id] >= 0}
    assert found == set("ACGT")


def test_small_letters_are_in_the_group_of_their_capitals() -> None:
    tokenizer = genome_tokenizer(others="acgt")
    tokens = BaseTokens.of(tokenizer, place="x")
    ids = tokenizer.vocabulary()
    assert tokens.num_groups == 4
    assert all(tokens.group_of_id[ids[each]] == tokens.group_of_id[ids[each.lower()]] for each in "ACGT")


def test_kmers_are_found() -> None:
    kmers = {"".join(each): 1 for each in itertools.product("ACGT", repeat=2)}
    tokenizer = TextTokenizer.from_counts({**kmers, "AN": 3}, kind="kmer", min_count=1, max_size=None)
    tokens = BaseTokens.of(tokenizer, place="x")
    assert (tokens.length, tokens.num_groups, len(tokens.ids)) == (2, 16, 16)


@pytest.mark.parametrize("kind", ["word", "char"])
def test_the_vocabulary_of_a_text_is_refused(kind: str) -> None:
    texts = ["tact and cat"] if kind == "word" else ["hello"]
    tokenizer = TextTokenizer.train(texts, kind=kind, min_count=1, max_size=None)
    with pytest.raises(InputError, match="folder: its vocabulary is not that of a genome"):
        BaseTokens.of(tokenizer, place="folder")

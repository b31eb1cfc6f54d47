"""Pieces of text: together they are the text, and each comes with its token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.tokenization.text_stream import TextStream, text_pieces
from halo.tokenization.tokenizer import TextTokenizer

TEXT = """he said : " no ( not now ) " , and left . 5 or 3 % of it — « oui » ! the doctors ' strike … 😂 naïve"""


def trained(kind: str) -> TextTokenizer:
    return TextTokenizer.train([TEXT], kind=kind, min_count=1, max_size=290 if kind == "bpe" else None)


KINDS = {kind: trained(kind) for kind in ("word", "whitespace", "char", "bpe")}


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.lists(st.integers(0, 10**6), max_size=30))
def test_pieces_of_a_complete_text_are_the_text(kind: str, seed: list[int]) -> None:
    tokenizer = KINDS[kind]
    ids = [number % (tokenizer.vocab_size - 1) + 1 for number in seed]
    pieces = text_pieces(tokenizer, ids)
    assert len(pieces) == len(ids)
    if kind != "bpe":  # random bytes are no characters
        assert "".join(pieces).strip() == tokenizer.decode(ids)


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_that_come_one_by_one_are_the_text(kind: str) -> None:
    tokenizer = KINDS[kind]
    ids = [*tokenizer.encode(TEXT), tokenizer.eos_id, *tokenizer.encode("he left")]
    stream = TextStream(tokenizer, ids[:2], paragraph_break="\n")
    text = tokenizer.decode(ids[:2]) + "".join(stream.add(token_id) for token_id in ids[2:])
    assert text == tokenizer.decode(ids, paragraph_break="\n")


def test_a_character_of_several_tokens_comes_with_the_last() -> None:
    tokenizer = TextTokenizer.train(["a"], kind="bpe", min_count=1, max_size=258)
    stream = TextStream(tokenizer)
    assert [stream.add(token_id) for token_id in tokenizer.encode("a😂")] == ["a", "", "", "", "😂"]


def test_bytes_that_are_no_character_are_not_waited_for() -> None:
    tokenizer = TextTokenizer.train(["a"], kind="bpe", min_count=1, max_size=258)
    lead = tokenizer.encode("😂")[0]
    stream = TextStream(tokenizer)
    assert "".join(stream.add(token_id) for token_id in [lead, *tokenizer.encode("a")]) == "\ufffda"
    assert "".join(stream.add(lead) for _ in range(8)).count("\ufffd") == 8


def test_a_quotation_mark_opens_and_closes_in_turn_though_nothing_is_known_of_what_follows() -> None:
    tokenizer = KINDS["word"]
    stream = TextStream(tokenizer)
    ids = tokenizer.encode('he said : " no " . " no "')
    assert "".join(stream.add(token_id) for token_id in ids) == 'he said: "no". "no"'

"""The four kinds of tokenizer: their rules, their vocabularies, and the way back to text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import CleaningConfig
from halo.corpus.cleaning.pipeline import clean
from halo.runtime.errors import InputError
from halo.tokenization.backends import EOS, UNK
from halo.tokenization.tokenizer import TextTokenizer

TEXTS = ["the virus spreads.", "the virus mutates.", "COVID-19 spreads."]
KINDS = ["word", "whitespace", "char", "bpe"]
KEEP = ".,;:?!'\"()-%£$€°/&"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def trained(
    kind: str, texts: list[str] | None = None, min_count: int = 1, max_size: int | None = None
) -> TextTokenizer:
    size = 300 if kind == "bpe" and max_size is None else max_size
    return TextTokenizer.train(texts or TEXTS, kind=kind, min_count=min_count, max_size=size)


WORD, CHAR, BPE = (trained(kind) for kind in ("word", "char", "bpe"))


def test_the_other_kinds_cut_elsewhere() -> None:
    text = "the virus (COVID-19)."
    assert trained("whitespace").tokens(text) == ["the", "virus", "(COVID-19)."]
    assert CHAR.tokens(text) == list(text)
    pieces = BPE.tokens(text)
    assert "".join(pieces) == text
    assert " virus" in pieces


@pytest.mark.parametrize("kind", KINDS)
@given(text=ANY_TEXT)
def test_there_is_one_token_for_each_id(kind: str, text: str) -> None:
    tokenizer = {"word": WORD, "char": CHAR, "bpe": BPE}.get(kind) or trained(kind)
    assert len(tokenizer.tokens(text)) == len(tokenizer.encode(text))


def test_words_rarer_than_min_count_are_unknown() -> None:
    tokenizer = trained("word", min_count=2)
    assert set(tokenizer.vocabulary()) == {UNK, EOS, "the", "virus", "spreads", "."}
    assert [tokenizer.token(i) for i in tokenizer.encode("the virus mutates.")] == ["the", "virus", UNK, "."]


def test_max_size_keeps_the_most_frequent() -> None:
    texts = ["a a a a b b b c c d"]
    assert set(trained("word", texts, max_size=4).vocabulary()) == {UNK, EOS, "a", "b"}
    assert set(trained("whitespace", texts, max_size=5).vocabulary()) == {UNK, EOS, "a", "b", "c"}
    assert set(trained("char", texts, max_size=4).vocabulary()) == {UNK, EOS, " ", "a"}


def test_a_vocabulary_without_a_limit_holds_every_word() -> None:
    words = [f"w{number}" for number in range(40_000)]
    assert trained("word", [" ".join(words)]).vocab_size == len(words) + 2


def test_bpe_grows_to_its_size_and_joins_no_pair_rarer_than_min_count() -> None:
    assert trained("bpe", max_size=258).vocab_size == 258
    assert trained("bpe", max_size=262).vocab_size == 262
    assert trained("bpe", min_count=4, max_size=300).vocab_size < trained("bpe", min_count=2, max_size=300).vocab_size


@pytest.mark.parametrize("kind", KINDS)
def test_special_tokens_have_the_first_ids_and_each_id_one_token(kind: str) -> None:
    tokenizer = trained(kind)
    assert (tokenizer.unk_id, tokenizer.eos_id) == (0, 1)
    assert sorted(tokenizer.vocabulary().values()) == list(range(tokenizer.vocab_size))


@pytest.mark.parametrize("kind", ["word", "char", "bpe"])
def test_special_tokens_written_in_the_text_are_text(kind: str, tmp_path: Path) -> None:
    text = "the <unk> virus <eos> <unk>"
    tokenizer = trained(kind, [text, *[text] * 9], max_size=400)
    tokenizer.save(tmp_path / "tokenizer.json")
    for candidate in (tokenizer, TextTokenizer.load(tmp_path / "tokenizer.json")):
        assert not {candidate.unk_id, candidate.eos_id} & set(candidate.encode(text))


def test_text_that_was_tokenized_before_says_itself_what_is_unknown() -> None:
    tokenizer = trained("whitespace", ["the <unk> virus N <unk>"])
    assert set(tokenizer.vocabulary()) == {UNK, EOS, "the", "virus", "N"}
    assert tokenizer.encode("the <unk> N other") == [
        tokenizer.vocabulary()["the"],
        tokenizer.unk_id,
        tokenizer.vocabulary()["N"],
        tokenizer.unk_id,
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_each_text_alone(kind: str) -> None:
    tokenizer = trained(kind)
    assert tokenizer.encode_batch(TEXTS) == [tokenizer.encode(text) for text in TEXTS]


@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded_it_is_the_same(kind: str, tmp_path: Path) -> None:
    tokenizer = trained(kind)
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = TextTokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.kind == kind
    assert loaded.encode_batch(TEXTS) == tokenizer.encode_batch(TEXTS)
    assert loaded.decode(loaded.encode(TEXTS[0])) == tokenizer.decode(tokenizer.encode(TEXTS[0]))


@pytest.mark.parametrize("content", ["", "{}", "no json", '{"version": "1.0", "model": {"type": "WordLevel"}}'])
def test_a_foreign_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(content)
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        TextTokenizer.load(file)


@pytest.mark.parametrize("kind", KINDS)
def test_transformers_gives_the_same_ids(kind: str, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="not installed: pip install -e '.[transformers]'")
    texts = [*TEXTS, "an <unk> and an <eos>, a newcomer: naïve 😀", "  spaces   inside ", "<url> 3.5% -80 two- or", ""]
    tokenizer = trained(kind)
    tokenizer.save(tmp_path / "tokenizer.json")
    theirs = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    assert theirs(texts)["input_ids"] == tokenizer.encode_batch(texts)
    assert len(theirs) == tokenizer.vocab_size
    if kind in ("char", "bpe"):
        assert theirs.decode(tokenizer.encode(TEXTS[0])) == TEXTS[0]


@given(ANY_TEXT)
def test_bpe_gives_any_text_back(text: str) -> None:
    ids = BPE.encode(text)
    assert BPE.decode(ids) == text.strip()
    assert BPE.unk_id not in ids
    assert BPE.eos_id not in ids


@given(st.text(st.sampled_from("".join(TEXTS))))
def test_known_characters_are_given_back(text: str) -> None:
    assert CHAR.decode(CHAR.encode(text)) == text.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_puts_paragraphs_apart(kind: str) -> None:
    tokenizer = trained(kind, ["the virus . the"])
    ids = [*tokenizer.encode("the virus"), tokenizer.eos_id, *tokenizer.encode("the")]
    assert tokenizer.decode(ids) == "the virus\n\nthe"
    assert tokenizer.decode(ids, paragraph_break="\n") == "the virus\nthe"


@pytest.mark.parametrize("kind", KINDS)
@given(content=st.binary())
def test_any_bytes_become_ids(kind: str, content: bytes) -> None:
    rules = CleaningConfig([], case="keep", numbers="keep", keep_characters="")
    text = clean(content.decode(errors="surrogateescape"), rules)
    tokenizer = {"word": WORD, "char": CHAR, "bpe": BPE}.get(kind) or trained(kind)
    assert all(0 <= token_id < tokenizer.vocab_size for token_id in tokenizer.encode(text))

"""The four kinds of tokenizer: their rules, their vocabularies, and the way back to text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import CLEANING_STEPS, CleaningConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.sources.documents import read_documents
from halo.runtime.errors import InputError
from halo.tokenization.backends import EOS, UNK
from halo.tokenization.detokenizer import join_tokens, sentences
from halo.tokenization.token_rules import word_splitter
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import data_config

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


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("COVID-19, SARS-CoV-2", ["COVID-19", ",", "SARS-CoV-2"]),
        ("mRNA SpO2 R0 PM2.5 B.1.1.7", ["mRNA", "SpO2", "R0", "PM2.5", "B.1.1.7"]),
        ("1.5, 1,200.50 and 3.5%.", ["1.5", ",", "1,200.50", "and", "3.5%", "."]),
        ("£4m $1.9 at 6:30 p.m.", ["£4m", "$1.9", "at", "6:30", "p.m."]),
        ("U.S. e.g. ends here.", ["U.S.", "e.g.", "ends", "here", "."]),
        ("don't e-mail us", ["don't", "e-mail", "us"]),
        ('he said: "no (never)..."', ["he", "said", ":", '"', "no", "(", "never", ")", "...", '"']),
        ("50 °C, 50°C, 50°", ["50", "°C", ",", "50", "°C", ",", "50", "°"]),
        ("ME/CFS - well", ["ME", "/", "CFS", "-", "well"]),
        ("-80 to (-5.5), 3-4, x -y", ["-80", "to", "(", "-5.5", ")", ",", "3-4", ",", "x", "-", "y"]),
        ("two- or threefold", ["two-", "or", "threefold"]),
        ("<url>, (<email>) £<number>", ["<url>", ",", "(", "<email>", ")", "£", "<number>"]),
        ("<unk> <eos>", ["<", "unk", ">", "<", "eos", ">"]),
    ],
)
def test_what_is_one_word(text: str, tokens: list[str]) -> None:
    assert WORD.tokens(text) == tokens


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


@pytest.mark.parametrize(
    "text",
    [
        'he said: "no (not now)", and left.',
        "95% of £4m, at 6:30 p.m.; 3 or 4?",
        "the WHO's e-mail - sent in 1,200 copies...",
        '"one" and "two".',
        "a 'quoted' word, the doctors' strike, and 'another'.",
        "keep 'em from '21 on, between -80 and -60 °C, two- or threefold.",
        "the end of another's words.\"",
        "see <url>, (<email>) or <phone>.",
    ],
)
def test_joined_tokens_read_as_the_text_did(text: str) -> None:
    assert join_tokens(WORD.tokens(text)) == text


def test_of_the_bundled_corpus_nearly_all_sentences_read_as_they_did() -> None:
    rules = CleaningConfig(list(CLEANING_STEPS), case="lower_keep_acronyms", numbers="keep", keep_characters=KEEP)
    cleaned = [clean(document.text, rules) for document in read_documents(data_config())]
    told = [sentence for text in cleaned for paragraph in paragraphs(text) for sentence in sentences(paragraph)]
    assert len(told) > 15_000
    same = sum(join_tokens(WORD.tokens(sentence)) == sentence for sentence in told)
    assert same / len(told) >= 0.999


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


@given(st.text(st.sampled_from("aZ09.,;:?!-'%£(é $"), max_size=80))
def test_no_token_reaches_beyond_a_space(text: str) -> None:
    cut = word_splitter("word")
    assert [token for word in text.split() for token in cut(word)] == WORD.tokens(" ".join(text.split()))


@pytest.mark.parametrize("kind", KINDS)
@given(content=st.binary())
def test_any_bytes_become_ids(kind: str, content: bytes) -> None:
    rules = CleaningConfig([], case="keep", numbers="keep", keep_characters="")
    text = clean(content.decode(errors="surrogateescape"), rules)
    tokenizer = {"word": WORD, "char": CHAR, "bpe": BPE}.get(kind) or trained(kind)
    assert all(0 <= token_id < tokenizer.vocab_size for token_id in tokenizer.encode(text))

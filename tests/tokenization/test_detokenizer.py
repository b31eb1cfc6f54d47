"""Detokenization: text reads as it did before it was tokenized, and terminals are safe."""

import pytest

from halo.config import CLEANING_STEPS, CleaningConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.sources.documents import read_documents
from halo.tokenization.detokenizer import for_terminal, join_tokens, sentences
from tests.conftest import data_config
from tests.tokenization.test_tokenizer import KEEP, WORD


def test_sentences_join_to_the_paragraph() -> None:
    paragraph = 'one. "two?" three! (four.) e.g. five'
    assert " ".join(sentences(paragraph)) == paragraph
    assert sentences(paragraph) == ["one.", '"two?"', "three!", "(four.)", "e.g.", "five"]


def test_control_characters_but_line_feeds_are_replaced() -> None:
    assert for_terminal("a\x1b]0;title\x07\n\tb\ud800") == "a\ufffd]0;title\ufffd\n\ufffdb\ufffd"


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


@pytest.mark.slow
def test_of_the_bundled_corpus_nearly_all_sentences_read_as_they_did() -> None:
    rules = CleaningConfig(list(CLEANING_STEPS), case="lower_keep_acronyms", numbers="keep", keep_characters=KEEP)
    cleaned = [clean(document.text, rules) for document in read_documents(data_config())]
    found = [sentence for text in cleaned for paragraph in paragraphs(text) for sentence in sentences(paragraph)]
    assert len(found) > 15_000
    same = sum(join_tokens(WORD.tokens(sentence)) == sentence for sentence in found)
    assert same / len(found) >= 0.999

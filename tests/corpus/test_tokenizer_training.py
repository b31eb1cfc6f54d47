"""Training of the tokenizer: from the training split only, and spaces are counted as characters."""

from halo.config import SPLITS, DataConfig
from halo.corpus.prepare import prepare
from halo.corpus.store.word_table import WordTable
from halo.corpus.tokenizer_training import num_spaces, words_per_paragraph
from halo.tokenization.token_rules import word_splitter
from tests.corpus.test_prepare import config, reference_splits

__all__ = ["config"]  # a fixture


def test_words_and_spaces_of_paragraphs_are_counted_from_tokens() -> None:
    table = WordTable(word_splitter("word"))
    words = ["one,", "(two)", "\n", "\n", "three", "\n"]
    tokens, _ = table.tokens(table.numbers(words))
    assert words_per_paragraph(tokens).tolist() == [2, 0, 1]
    assert num_spaces(words_per_paragraph(tokens)) == 1


def test_no_held_out_word_enters_the_vocabulary(config: DataConfig) -> None:
    corpus = prepare(config)
    splits = reference_splits(config)
    words = {
        name: {word for document in splits[name] for word in corpus.tokenizer.tokens(document.text)} for name in SPLITS
    }
    held_out_words = words["validation"] | words["test"]
    assert set(corpus.tokenizer.vocabulary()) - {"<unk>", "<eos>"} <= words["train"]
    assert not (held_out_words - words["train"]) & set(corpus.tokenizer.vocabulary())
    assert held_out_words - words["train"]

"""Batches of documents: cleaned, tokenized and signed, with examples of cleaning."""

import numpy as np

from halo.corpus.store.batch_tokenizer import BatchTokenizer
from tests.conftest import data_config


def test_examples_are_lines_that_cleaning_changed_and_say_by_which_step() -> None:
    text = "plain line.\nMail me@example.org!\nA <b>bold</b> word.\nnothing  here\nCafe\u0301 here"
    processed = BatchTokenizer(data_config(), lines_are_paragraphs=False)([text, "Only Case."])
    assert [(example.before, example.after) for example in processed.cleaning_examples] == [
        ("Mail me@example.org!", "mail <email>!"),
        ("A <b>bold</b> word.", "a bold word."),
        ("Cafe\u0301 here", "café here"),
        ("Only Case.", "only case."),
    ]
    assert processed.cleaning_examples[1].steps[0] == "html"
    assert processed.cleaning_counts.steps["emails"] == 1
    assert processed.cleaning_counts.steps["html"] == 2


def test_each_line_is_a_paragraph_where_there_are_too_few() -> None:
    few, enough = "a b\nc d\ne f", "a b\nc d\n\ne\n\nf"
    for lines_are_paragraphs, expected in ((False, [1, 3]), (True, [3, 3])):
        processed = BatchTokenizer(data_config(), lines_are_paragraphs=lines_are_paragraphs)([few, enough])
        assert processed.signatures.num_paragraphs.tolist() == expected
        assert processed.num_raw_paragraphs == [1, 3]
        assert int((processed.token_numbers == 0).sum()) == sum(expected)
        assert processed.lengths.sum() == len(processed.token_numbers)


def test_signatures_are_made_of_words_not_of_paragraph_ends() -> None:
    processed = BatchTokenizer(data_config(), lines_are_paragraphs=False)(["one two\n\nthree", "", "four"])
    assert processed.signatures.document_units.tolist() == [3, 0, 1]
    assert processed.signatures.num_paragraphs.tolist() == [2, 0, 1]
    assert np.array_equal(processed.lengths, [5, 0, 2])

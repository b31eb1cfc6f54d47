"""Rows of words become texts in their order, and get back the scores of their own word."""

from collections.abc import Iterator

import pytest

from halo.runtime.errors import InputError
from halo.scoring.files.items import Item, Items
from halo.scoring.reading_times.word_rows import WordTable, read_word_table, require_column, score_words
from halo.scoring.scorer import Scorer
from tests.support.tiny_bundles import tiny_bundle


def items(*rows: tuple[str, str, object]) -> Items:
    def read() -> Iterator[Item]:
        for line, (word, story, zone) in enumerate(rows, start=2):
            yield Item(f"words.tsv, line {line}", word, {"story": story, "zone": zone})

    return Items("words.tsv", "word", ["story", "zone"], read())


def table(*rows: tuple[str, str, object], order: str | None = "zone") -> WordTable:
    return read_word_table(items(*rows), group_field="story", order_field=order)


def test_words_are_put_in_order_and_rows_keep_theirs() -> None:
    read = table(("air.", "b", 2), ("the", "a", "1"), ("the", "b", "1.0"), ("virus", "a", 10))
    assert read.texts == {"b": ["the", "air."], "a": ["the", "virus"]}
    assert [(row.item.text, row.text_id, row.position) for row in read.rows] == [
        *[("air.", "b", 1), ("the", "a", 0)],
        *[("the", "b", 0), ("virus", "a", 1)],
    ]


def test_rows_with_the_same_number_are_one_word() -> None:
    read = table(("the", "a", 1), ("the", "a", 1), ("virus", "a", 2))
    assert read.texts == {"a": ["the", "virus"]}
    assert [row.position for row in read.rows] == [0, 0, 1]
    assert table(("the", "a", 1), ("the", "a", 1), order=None).texts == {"a": ["the", "the"]}


def test_a_word_has_the_score_that_it_has_in_the_whole_text() -> None:
    words = {"a": ["the", "virus spreads", "", "in", "the", "air."], "b": ["air"]}
    scorer = Scorer(tiny_bundle(), with_distributions=False)
    scores = score_words(words, scorer)
    (whole,) = scorer.score([" ".join(words["a"])])
    the, virus, spreads, in_, again, air = [word.bits or 0 for word in whole.words]
    assert scores["a"][2].bits is None
    bits = [word.bits for word in scores["a"] if word.bits is not None]
    assert bits == pytest.approx([the, virus + spreads, in_, again, air], abs=1e-5)
    assert scores["a"][1].text == "virus spreads"
    assert scores["a"][2].note == "empty"
    assert len(scores["b"]) == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("the", "", 1)], "words.tsv, line 2: no story"),
        ([("the", "a", "first")], "line 2: zone='first' is not a number"),
        ([("the", "a", None)], "line 2: zone='None' is not a number"),
        ([("the", "a", 1), ("air", "a", 1)], r"line 3: 'air' has the zone of 'the' .* \(words.tsv, line 2\)"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(rows: list[tuple[str, str, object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        table(*rows)


def test_a_missing_column_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"predicts=rt: no such column in words.tsv \(columns: 'story', 'zone'\)"):
        require_column(items(), "predicts", "rt")

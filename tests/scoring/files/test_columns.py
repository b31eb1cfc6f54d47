"""The columns of each format have what their names say."""

import math

import pytest

from halo.generation.stream import Alternative
from halo.scoring.files.columns import LAYOUTS, ScoredItem
from halo.scoring.files.items import Item
from halo.scoring.files.regions import Region
from halo.scoring.scored_text import ScoredText, ScoredToken, ScoredWord

TOKENS = (ScoredToken("the", 2.0, True), ScoredToken("zyzzyva", 9.0, False), ScoredToken(".", 1.0, True))
WORDS = (
    ScoredWord("The", 0, 3, 2.0, 5.0, 1.0, 1, 0.25, 4.0, 3.0, 4.0, True, 0, 1, "", (Alternative("the", -1.0),)),
    ScoredWord("😀", 4, 5, None, first_token=1, note="removed"),
    ScoredWord("zyzzyva.", 6, 14, 10.0, 4.0, 0.0, 7, 2**-10, 0.5, 11.0, 12.0, False, 1, 2),
)
SCORED = ScoredItem(3, Item("line 3", "The 😀 zyzzyva.", {}), ScoredText(TOKENS, WORDS), [Region(1, range(1, 3))])
EMPTY = ScoredItem(4, Item("line 4", "", {}), ScoredText(()), [])


@pytest.mark.parametrize("unit", [*LAYOUTS])
def test_each_row_has_the_columns_of_its_layout(unit: str) -> None:
    layout = LAYOUTS[unit]
    for row in layout.rows(SCORED):
        assert {*layout.columns} == {*row} - {"region"} | {"region"} & {*layout.columns}
        for name, kind in layout.columns.items():
            assert row[name] is None or isinstance(row[name], kind), name
    empty = [*layout.rows(EMPTY)]
    assert [row["note"] for row in empty] == ["empty"] * len(empty)
    assert len(empty) == layout.keeps_columns


def test_a_word_that_was_removed_keeps_its_row() -> None:
    rows = [*LAYOUTS["word"].rows(SCORED)]
    assert [(row["word_id"], row["surprisal_bits"], row["known"], row["note"], row["region"]) for row in rows] == [
        *((1, 2.0, True, "", None), (2, None, None, "removed", "1"), (3, 10.0, False, "", "1")),
    ]


def test_regions_and_texts_have_sums() -> None:
    (region,) = LAYOUTS["region"].rows(SCORED)
    assert (region["region"], region["first_word"], region["last_word"]) == ("😀 zyzzyva.", 2, 3)
    assert (region["surprisal_bits"], region["kneser_ney_bits"], region["unigram_bits"]) == (10.0, 11.0, 12.0)
    assert (region["unknown_words"], region["note"]) == (1, "removed")
    (text,) = LAYOUTS["text"].rows(SCORED)
    assert (text["surprisal_bits"], text["bits_per_word"], text["perplexity_per_token"]) == (12.0, 6.0, 16.0)
    (without,) = LAYOUTS["region"].rows(SCORED._replace(regions=[]))
    assert without["note"] == "no region"


def test_a_sum_with_a_word_without_value_is_none() -> None:
    words = (WORDS[0], WORDS[2]._replace(bits=None))
    (text,) = LAYOUTS["text"].rows(SCORED._replace(scored=ScoredText(TOKENS, words)))
    assert text["surprisal_bits"] is None
    assert text["perplexity_per_token"] is None
    assert text["unigram_bits"] == 16.0


def test_neural_complexity_counts_from_zero_and_reduces_up_to_the_word() -> None:
    rows = [tuple(row.values()) for row in LAYOUTS["neural-complexity"].rows(SCORED)]
    assert rows == [
        ("The", 2, 0, 3, 2.0, 5.0, 0.0),
        ("😀", 2, 1, 1, None, None, None),
        ("zyzzyva.", 2, 2, 8, 10.0, 4.0, 1.0),
    ]


def test_lm_zoo_has_a_row_for_each_token() -> None:
    rows = [tuple(row.values()) for row in LAYOUTS["lm-zoo"].rows(SCORED)]
    assert rows == [(3, 1, "the", 2.0), (3, 2, "<unk>", 9.0), (3, 3, ".", 1.0)]


def test_a_perplexity_beyond_all_numbers_is_infinite() -> None:
    tokens, words = (ScoredToken("the", 5000.0, True),), (WORDS[0]._replace(bits=5000.0),)
    (text,) = LAYOUTS["text"].rows(SCORED._replace(scored=ScoredText(tokens, words)))
    assert text["perplexity_per_token"] == math.inf

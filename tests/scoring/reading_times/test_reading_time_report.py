"""Reading times are read as tables write them, averaged over readers, and reported in 80 columns."""

import json

import pytest

from halo.runtime.errors import InputError
from halo.scoring.files.items import Item
from halo.scoring.reading_times.observations import make_observations
from halo.scoring.reading_times.reading_time_report import ReadingTimes, gain_as_dict, gain_tables, reading_times
from halo.scoring.reading_times.regression import reading_time_gain
from halo.scoring.reading_times.word_rows import WordRow, WordTable
from halo.scoring.scored_text import ScoredWord
from tests.support.timed_words import made_up_observations, made_up_words

SCORES = {"a": [ScoredWord("the", 0, 3, 2.0, log_frequency=4.0), ScoredWord("virus.", 4, 10, 5.0)]}


def times(*values: tuple[int, object]) -> ReadingTimes:
    rows = [WordRow(Item(f"line {number}", "", {"rt": value}), "a", number) for number, value in values]
    table = WordTable(rows, {"a": ["the", "virus."]})
    return reading_times(table, SCORES, predicts="rt", limits=(100, 1000))


def test_times_of_several_readers_are_averaged_within_the_limits() -> None:
    read = times((0, "300"), (0, 500.0), (0, 5000), (1, "NA"), (1, None), (1, ""))
    assert [word.milliseconds for word in read.words] == [400.0, None]
    assert [(word.length, word.bits, word.log_frequency) for word in read.words] == [(3, 2.0, 4.0), (6, 5.0, None)]
    assert (read.num_times, read.num_outside) == (3, 1)
    assert times((0, 5000)).words[0].milliseconds == 5000  # left out, and counted, later


@pytest.mark.parametrize("value", ["fast", "inf", [3]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"line 0: rt=.* is not a number"):
        times((0, value))


def test_a_column_without_values_is_refused() -> None:
    with pytest.raises(InputError, match="predicts=rt: the column has no values"):
        times((0, ""), (1, "NA"))


def test_the_report_fits_80_columns_and_counts_what_is_left_out() -> None:
    words = [*made_up_words(), *[word._replace(milliseconds=None) for word in made_up_words(texts=1)]]
    rows = make_observations(words, limits=(0.1, 1e6))
    gain = reading_time_gain(rows, folds=3)
    printed = gain_tables(gain, rows, ReadingTimes(words, 2 * len(words), 7), title="Reading times")
    assert max(map(len, printed.split("\n"))) <= 80
    assert "left out: 80 words without a reading time" in printed
    assert "7 reading times outside the limits" in printed
    figures = json.loads(json.dumps(gain_as_dict(gain, made_up_observations())))
    assert figures["coefficients"][0]["name"] == "intercept"

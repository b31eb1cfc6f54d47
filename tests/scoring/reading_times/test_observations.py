"""Each row has the figures of the word and of the two words before it in the same text."""

from halo.scoring.reading_times.observations import (
    NO_CONTEXT,
    NO_FIGURES,
    NO_TIME,
    OUTSIDE,
    TimedWord,
    make_observations,
)

LIMITS = (100.0, 3000.0)


def words(text_id: str, bits: list[float | None], times: list[float | None]) -> list[TimedWord]:
    return [
        TimedWord(text_id, length, 10.0 * length, value, time)
        for length, (value, time) in enumerate(zip(bits, times, strict=True), start=1)
    ]


def test_rows_have_the_figures_of_three_words() -> None:
    rows = make_observations(words("a", [1.0, 2.0, 3.0, 4.0], [300.0] * 4), limits=LIMITS)
    assert rows.controls_NP.tolist() == [[3, 2, 1, 30, 20, 10], [4, 3, 2, 40, 30, 20]]
    assert rows.surprisals_NP.tolist() == [[3, 2, 1], [4, 3, 2]]
    assert rows.times_N.tolist() == [300, 300]
    assert rows.control_names[:2] == ["length, word", "length, word before"]
    assert rows.left_out == {NO_CONTEXT: 2}


def test_no_row_reaches_into_the_text_before() -> None:
    both = words("a", [1.0] * 3, [300.0] * 3) + words("b", [1.0] * 3, [300.0] * 3)
    rows = make_observations(both, limits=LIMITS)
    assert rows.texts_N.tolist() == [0, 1]
    assert rows.text_ids == ["a", "b"]


def test_every_word_that_is_left_out_is_counted_once() -> None:
    bits = [1.0, 1.0, 1.0, None, 1.0, 1.0, 1.0, 1.0]
    times = [300.0, None, 99.0, 300.0, 300.0, 300.0, 300.0, 3001.0]
    rows = make_observations(words("a", bits, times), limits=LIMITS)
    assert rows.left_out == {NO_CONTEXT: 1, NO_TIME: 1, OUTSIDE: 2, NO_FIGURES: 3}
    assert len(rows.times_N) + rows.left_out.total() == len(bits)


def test_no_words_are_no_rows() -> None:
    rows = make_observations([], limits=LIMITS)
    assert rows.controls_NP.shape == (0, 6)
    assert rows.surprisals_NP.shape == (0, 3)

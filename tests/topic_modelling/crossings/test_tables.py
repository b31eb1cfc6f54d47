"""Tables of crossings fit a terminal of 80 columns."""

import numpy as np

from halo.topic_modelling.crossings.crossing import Measure, cross
from halo.topic_modelling.crossings.over_time import topics_over_time
from halo.topic_modelling.crossings.tables import crossing_table, time_table

WORDS = [["ventilation", "oxygen", "intubation"], ["x" * 60, "y"], [], ["a \x1b[31m"]]
GENERATOR = np.random.default_rng(0)
TOPICS = GENERATOR.integers(4, size=300)


def shown(columns: int) -> str:
    values = GENERATOR.random((300, columns)) + 9 * (TOPICS == 1)[:, None]
    names = [f"a class with a long name {number}" for number in range(columns)]
    measure = Measure(
        "sentiment", "mean probability", names, values, np.ones(300), is_share=False, notes=["Note. " * 30]
    )
    crossing = cross(measure, TOPICS, np.arange(300), num_topics=4)
    assert crossing is not None
    return crossing_table(crossing, WORDS)


def test_one_quantity_has_intervals_and_p_values() -> None:
    text = shown(1)
    assert max(map(len, text.splitlines())) <= 80
    (line,) = [line for line in text.splitlines() if "x" * 20 in line]
    assert "<0.001" in line
    assert "*" in line
    assert "\x1b" not in text


def test_many_classes_are_shown_in_parts() -> None:
    text = shown(8)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("ventilation") == 2


def test_topics_over_time_name_what_was_left_out() -> None:
    dates = [f"{2000 + number % 20}" if number % 50 else None for number in range(300)]
    found = topics_over_time(TOPICS, dates, np.arange(300), num_topics=4, period="auto")
    assert found is not None
    text = time_table(found, WORDS)
    assert max(map(len, text.splitlines())) <= 80
    assert "the last 4 of 20" in text
    assert "6 texts without a date left out" in text

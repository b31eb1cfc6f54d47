"""The share of a topic in each period: a planted rise is found, and shuffled dates show none."""

import numpy as np
import pytest

from halo.topic_modelling.crossings.over_time import topics_over_time

MONTHS = [f"2020-{month:02}" for month in range(1, 13)]


def rising(size: int = 600) -> tuple[np.ndarray, list[str]]:
    """Returns topics of which the third one takes over within a year."""
    generator = np.random.default_rng(0)
    months = generator.integers(12, size=size)
    topics = np.where(generator.random(size) < months / 15, 2, generator.integers(2, size=size))
    return topics, [MONTHS[month] for month in months]


def test_a_rising_topic_is_found() -> None:
    topics, dates = rising()
    found = topics_over_time(topics, dates, np.arange(len(topics)), num_topics=3, period="auto")
    assert found is not None
    assert found.trends is not None
    assert (found.period, list(found.periods)) == ("month", MONTHS)
    assert found.trends[2].change == pytest.approx(1 / 15, abs=0.01)
    assert found.trends[2].p_value < 1e-6
    assert all(trend.change < 0 for trend in found.trends[:2])
    for shares, units in zip(found.shares, found.units, strict=True):
        assert sum(each.share for each in shares) == pytest.approx(1)
        assert all(each.low <= each.share <= each.high for each in shares)
        assert units > 30


def test_shuffled_dates_show_no_trend() -> None:
    topics, dates = rising()
    found_by_chance = 0
    for seed in range(40):
        shuffled = np.random.default_rng(seed).permutation(dates).tolist()
        found = topics_over_time(topics, shuffled, np.arange(len(topics)), num_topics=3, period="quarter")
        assert found is not None
        assert found.trends is not None
        found_by_chance += any(trend.p_value < 0.05 for trend in found.trends)
    assert found_by_chance <= 6  # 2 are expected


def test_texts_without_a_date_are_counted_and_too_few_periods_have_no_trend() -> None:
    topics, documents = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 2])
    found = topics_over_time(topics, ["2019", None, "2021-05", "2019"], documents, num_topics=2, period="auto")
    assert found is not None
    assert (found.periods, found.units, found.documents, found.num_undated) == (["2019", "2021"], [2, 1], [2, 1], 1)
    assert found.trends is None
    assert topics_over_time(topics, [None] * 4, documents, num_topics=2, period="auto") is None


def test_a_gap_counts_in_the_slope() -> None:
    topics = np.array([0] * 10 + [1] * 10)
    dates = ["2000"] * 5 + ["2001"] * 5 + ["2011"] * 10
    found = topics_over_time(topics, dates, np.arange(20), num_topics=2, period="year")
    assert found is not None
    assert found.trends is not None
    x = np.array([0] * 5 + [1] * 5 + [11] * 10)
    assert found.trends[1].change == pytest.approx(np.polyfit(x, topics, 1)[0])

"""Topics over time: the share of each in every period, and whether it rises or falls.

Shape letters: N units of text, P periods, K topics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.comparing.significance import holm
from halo.topic_modelling.crossings.association import MIN_DOCUMENTS, ShareInterval, association_test, share_interval
from halo.topic_modelling.crossings.dates import Period, choose_period, period_number, period_of

MIN_PERIODS = 3
"""With fewer periods there is no trend to test."""

Ints = npt.NDArray[np.int64]


class Trend(NamedTuple):
    """Whether the share of a topic rises or falls.

    Attributes:
        change: Change of the share from period to period, of a straight line through all units.
        p_value: Of the hypothesis that it is 0, corrected by Holm's method for the number of topics.
    """

    change: float
    p_value: float


@dataclass(frozen=True)
class TopicsOverTime:
    """The shares of topics in each period.

    Attributes:
        period: What a period is.
        periods: The names of those with texts, in order.
        units: Number of units of text in each.
        documents: Number of documents in each.
        shares: For each period, the share of each topic.
        trends: The trend of each topic; None with too few periods or documents to test for one.
        num_undated: Number of units without a date.
    """

    period: Period
    periods: Sequence[str]
    units: Sequence[int]
    documents: Sequence[int]
    shares: Sequence[Sequence[ShareInterval]]
    trends: Sequence[Trend] | None
    num_undated: int


def topics_over_time(
    topics_N: Ints,
    dates: Sequence[str | None],
    documents_N: Ints,
    *,
    num_topics: int,
    period: Literal["auto"] | Period,
) -> TopicsOverTime | None:
    """Returns the share of each topic in each period; None if no unit has a date.

    Args:
        topics_N: The topic of each unit, from 0.
        dates: The date of each unit as `parse_date` returns it; None where it is unknown.
        documents_N: The number of the document of each unit.
        num_topics: Number of topics.
        period: What to divide the time into.

    Raises:
        InputError: A date is too coarse for the period.
    """
    given = [place for place, date in enumerate(dates) if date is not None]
    if not given:
        return None
    known = [str(dates[place]) for place in given]
    kind = choose_period(known, asked=period)
    topics_N, documents_N = topics_N[given], documents_N[given]
    numbers_N = np.array([period_number(date, kind) for date in known])
    names = {number: period_of(date, kind) for number, date in zip(numbers_N.tolist(), known, strict=True)}
    units, documents, shares = [], [], []
    for number in sorted(names):
        own_N = numbers_N == number
        units.append(int(own_N.sum()))
        documents.append(len({*documents_N[own_N].tolist()}))
        shares.append(_shares(topics_N[own_N], documents_N[own_N], num_topics))
    trends = None
    if len(names) >= MIN_PERIODS and len({*documents_N.tolist()}) >= MIN_DOCUMENTS:
        trends = _trends(topics_N, numbers_N, documents_N, num_topics)
    num_undated = len(dates) - len(given)
    return TopicsOverTime(
        kind, [names[number] for number in sorted(names)], units, documents, shares, trends, num_undated
    )


def _shares(topics_N: Ints, documents_N: Ints, num_topics: int) -> list[ShareInterval]:
    _, places_N = np.unique(documents_N, return_inverse=True)
    units_D = np.bincount(places_N)
    found = (share_interval(np.bincount(places_N, weights=topics_N == topic), units_D) for topic in range(num_topics))
    return [each for each in found if each is not None]


def _trends(topics_N: Ints, numbers_N: Ints, documents_N: Ints, num_topics: int) -> list[Trend]:
    weights_N = np.ones(len(topics_N))
    centred_N = numbers_N - numbers_N.mean()
    changes = [float((centred_N * (topics_N == topic)).sum() / (centred_N**2).sum()) for topic in range(num_topics)]
    p_values = [
        association_test((topics_N == topic).astype(np.float64), numbers_N, documents_N, weights_N)
        for topic in range(num_topics)
    ]
    return [Trend(change, p_value) for change, p_value in zip(changes, holm(p_values), strict=True)]

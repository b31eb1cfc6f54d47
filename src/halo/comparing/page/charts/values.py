"""Settings and figures as the page writes them."""

from typing import Any

from halo.comparing.comparison import Measure, SplitDifference
from halo.config.messages import shown
from halo.reports.console import number

SIGNIFICANT = 0.05
"""The corrected p-value below which a difference is more than chance."""
WIDE_RANGE = 20
"""Ratio of the largest to the smallest number of a setting from which its axis is logarithmic."""


def is_number(value: Any) -> bool:
    """Returns whether a setting is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_logarithmic(low: float, high: float, known: bool | None) -> bool:
    """Returns whether the numbers of a setting are looked at by their orders of magnitude.

    Args:
        low: The smallest one.
        high: The largest one.
        known: Whether the search space is logarithmic; None to go by the range.

    >>> is_logarithmic(0.001, 0.1, None), is_logarithmic(0.2, 0.7, None), is_logarithmic(0, 100, True)
    (True, False, False)
    """
    return low > 0 and (high >= WIDE_RANGE * low if known is None else known)


def setting_text(value: Any) -> str:
    """Returns the value of a setting, a number with at most four digits after the first one that is not 0.

    >>> [setting_text(value) for value in (0.00312345678, 256, True, None, "gru", [1, 2])]
    ['0.003123', '256', 'true', 'null', 'gru', '[1, 2]']
    """
    return f"{value:.4g}" if isinstance(value, float) else str(shown(value))


def interval_text(bounds: tuple[float | None, float | None] | None, *, digits: int = 1) -> str:
    """Returns an interval, or a dash where it is unknown.

    >>> interval_text((77.123, 81.5)), interval_text((None, 3.0)), interval_text(None)
    ('77.1–81.5', '–', '–')
    """
    if bounds is None or None in bounds:
        return "–"
    return "–".join(number(bound, digits=digits) for bound in bounds)


def percent_text(share: float, *, digits: int = 1) -> str:
    """Returns a relative change with its sign.

    >>> percent_text(-0.0183), percent_text(0.02), percent_text(0)
    ('−1.8%', '+2.0%', '0.0%')
    """
    text = f"{100 * share:+.{digits}f}%"
    return f"{0:.{digits}f}%" if float(text[:-1]) == 0 else text.replace("-", "−")


def p_text(p_value: float) -> str:
    """Returns a p-value.

    >>> p_text(0.00004), p_text(0.0123), p_text(0.6)
    ('< 0.001', '0.012', '0.600')
    """
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def is_significant(difference: SplitDifference) -> bool:
    """Returns whether a difference is more than chance, after the correction for many comparisons."""
    test = difference.over_documents
    return test is not None and test.corrected_p_value < SIGNIFICANT


def change_text(measure: Measure, difference: SplitDifference) -> str:
    """Returns a difference with its unit."""
    if measure == "perplexity":
        return percent_text(difference.change, digits=2)
    return f"{difference.change:+.4f}".replace("-", "−")


def bounds_text(measure: Measure, low: float | None, high: float | None) -> str:
    """Returns the interval of a difference, or a dash where it has no bounds."""
    if low is None or high is None:
        return "–"
    if measure == "perplexity":
        return f"{percent_text(low, digits=2)} to {percent_text(high, digits=2)}"
    return f"{low:+.4f} to {high:+.4f}".replace("-", "−")

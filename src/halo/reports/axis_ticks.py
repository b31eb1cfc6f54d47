"""Ticks and labels of the logarithmic axes of figures: at least three, whatever the range."""

import math

MAX_TICKS = 7
ROUND_MANTISSAS = (1, 2, 5)


def padded_range(values: list[float]) -> tuple[float, float]:
    """Returns the limits of a logarithmic axis, with a margin, for at least one number above 0.

    >>> [round(limit, 1) for limit in padded_range([100.0])]
    [80.0, 125.0]
    """
    low, high = min(values), max(values)
    margin = max((high / low) ** 0.05, 1.25 if high < 1.1 * low else 1.0)
    return low / margin, high * margin


def log_ticks(low: float, high: float) -> list[float]:
    """Returns round numbers between the limits of a logarithmic axis, at least three of them and at most eight.

    Args:
        low: The lower limit, above 0.
        high: The upper limit, at least 2% above the lower one.

    >>> log_ticks(75, 85), log_ticks(40, 1500), log_ticks(50, 2e34)
    ([75.0, 80.0, 85.0], [50.0, 100.0, 200.0, 500.0, 1000.0], [1000000.0, 1000000000000.0, 1e+18, 1e+24, 1e+30])
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / (MAX_TICKS - 1)))
    mantissas = ROUND_MANTISSAS if last - first <= 3 else (1,)
    exponents = [exponent for exponent in range(first, last + 1) if exponent % step == 0]
    ticks = [float(f"{mantissa}e{exponent}") for exponent in exponents for mantissa in mantissas]
    within = [tick for tick in ticks if low <= tick <= high]
    return within if len(within) >= 3 else _linear_ticks(low, high)


def _linear_ticks(low: float, high: float) -> list[float]:
    """Returns evenly spaced round numbers between two limits, at least three."""
    scale = 10.0 ** math.floor(math.log10(high - low))
    step = next(scale * size for size in (2, 1, 0.5, 0.2, 0.1) if _count(low, high, scale * size) >= 3)
    first = math.ceil(low / step)
    return [round(number * step, 12) for number in range(first, first + _count(low, high, step))]


def _count(low: float, high: float, step: float) -> int:
    return math.floor(high / step) - math.ceil(low / step) + 1


def tick_label(value: float) -> str:
    """Returns a number as the label of a tick.

    >>> [tick_label(value) for value in (1e-5, 0.001, 0.5, 80.0, 77.5, 2000.0, 1e34)]
    ['1e-5', '0.001', '0.5', '80', '77.5', '2,000', '1e34']
    """
    if 1e-4 < value < 1e6:
        return f"{value:,.6g}" if value >= 1 else f"{value:.6g}"
    mantissa, exponent = f"{value:.6e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"

"""The drawings of the page: a fan of quantiles over the last dates, and the histogram of calibration."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from halo.corpus.series.dates import shown_date
from halo.forecasting.forecast import MODEL, SeriesForecast
from halo.forecasting.scores import LEVELS, NUM_PIT_BINS, Scores
from halo.reports.run_page.charts import Chart, linear_scale

MAX_DRAWN = 120
"""Dates of the fan: more could not be told apart."""

BANDS = ((0, 6, "outer"), (1, 5, "middle"), (2, 4, "inner"))
"""Indices of the quantiles that bound each band, the widest first, and its class."""

MEDIAN = LEVELS.index(0.5)


def draw_fan(forecast: SeriesForecast, name: str, ylabel: str) -> Markup:
    """Returns the quantiles of the model for the last dates, and the one to come, with what came.

    Args:
        forecast: The forecasts of a series.
        name: Unique on the page.
        ylabel: What is predicted.
    """
    scores = forecast.scores[MODEL]
    begin = max(len(scores.values_N) - MAX_DRAWN, 0)
    values, quantiles = scores.values_N[begin:], scores.quantiles_NL[begin:]
    if forecast.upcoming:
        quantiles = np.concatenate([quantiles, forecast.upcoming[MODEL].quantiles(np.array(LEVELS))])
    low = float(min(values.min(), quantiles[:, 0].min()))
    high = float(max(values.max(), quantiles[:, -1].max()))
    margin = 0.03 * (high - low)
    dates = [shown_date(date) for date in forecast.dates[begin:]]
    chart = Chart(
        linear_scale(0, len(quantiles) - 1)._replace(ticks=[]),
        linear_scale(low - margin, high + margin),
        xlabel=f"{dates[0]} to {dates[-1]}{', and the date to come' * bool(forecast.upcoming)}",
        ylabel=ylabel,
    )
    for lower, upper, kind in BANDS:
        outline = [(x, quantiles[x, lower]) for x in range(len(quantiles))]
        outline += [(x, quantiles[x, upper]) for x in reversed(range(len(quantiles)))]
        chart.area(outline, kind)
    for x in range(len(quantiles) - 1):
        chart.line((x, quantiles[x, MEDIAN]), (x + 1, quantiles[x + 1, MEDIAN]), "median")
    for x, value in enumerate(values.tolist()):
        chart.dot(x, value, "came", radius=1.8)
    return chart.svg(name, f"Forecasts of {forecast.name}", _told_fan(forecast, len(values)))


def _told_fan(forecast: SeriesForecast, shown: int) -> str:
    scores = forecast.scores[MODEL]
    return (
        f"Bands that should hold 50, 80 and 95% of the values, and the values of the last {shown} dates. Of all "
        f"{forecast.num_dates} dates, {scores.coverage('50'):.0%}, {scores.coverage('80'):.0%} and "
        f"{scores.coverage('95'):.0%} lie in them."
    )


def draw_pit(scores: Scores, name: str, title: str) -> Markup:
    """Returns the histogram of the probability integral transform, which is flat for calibrated forecasts."""
    shares: Sequence[float] = scores.pit_histogram()
    top = max(*shares, 2 / NUM_PIT_BINS)
    chart = Chart(
        linear_scale(0, 1),
        linear_scale(0, 100 * top * 1.05, unit="%"),
        xlabel="probability that the forecast gave to at most the value that came",
        ylabel="share of dates",
        height=230,
    )
    for number, share in enumerate(shares):
        left, right = number / NUM_PIT_BINS, (number + 1) / NUM_PIT_BINS
        chart.area([(left, 0), (left, 100 * share), (right, 100 * share), (right, 0)], "bar")
    chart.line((0, 100 / NUM_PIT_BINS), (1, 100 / NUM_PIT_BINS), "flat")
    told = ", ".join(f"{share:.0%}" for share in shares)
    return chart.svg(name, title, f"Shares from the lowest to the highest tenth: {told}; 10% each if calibrated.")

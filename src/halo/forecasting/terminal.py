"""The tables of forecasts for the terminal, 80 columns wide."""

import math
from collections.abc import Sequence

from halo.comparing.significance import Difference
from halo.corpus.series.dates import shown_date
from halo.corpus.series.transform import level_after
from halo.forecasting.forecast import MODEL, SeriesForecast, levels_of
from halo.forecasting.scores import INTERVALS, Scores
from halo.forecasting.verdict import BaselineTest
from halo.reports.console import table, wrapped

NO_ADVICE = "This is no trading advice: a forecast of a distribution says nothing about gains after costs and risks."
SHORT_NAMES = {
    MODEL: "this model",
    "persistence": "persistence",
    "historical": "historical",
    "expanding": "expanding",
    "garch": "GARCH",
    "garch_t": "GARCH, t",
}
"""What tables call each method."""

METHODS = (
    "Persistence: normal around no change (levels: around the last value, or that of the last season), with the spread "
    "of training. Historical: the training values; expanding: all values so far. GARCH(1,1): normal or t errors."
)
PREDICTED = {
    "log_returns": "log return",
    "returns": "return",
    "differences": "difference",
    "none": "value",
}
"""What is predicted, by transform."""

MAX_TABLES = 4
NEXT_LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)


def report(forecasts: Sequence[SeriesForecast], *, split: str) -> str:
    """Returns the tables of the first series, and a verdict of every one.

    Args:
        forecasts: The forecasts of each series.
        split: The split that was forecast.
    """
    parts = []
    for each in forecasts[:MAX_TABLES]:
        parts += [_scores_table(each, split), *map(wrapped, each.notes)]
        if each.tests:
            parts.append(_tests_table(each))
        if each.upcoming:
            parts.append(_next_table(each))
        parts += [wrapped(f"Verdict{_of_series(each, forecasts)}: {each.verdict}"), ""]
    if len(forecasts) > MAX_TABLES:
        parts.append(f"Tables of {len(forecasts) - MAX_TABLES} more series are in forecast.html. Their verdicts:")
        parts += [wrapped(f"{each.name}: {each.verdict}") for each in forecasts[MAX_TABLES:]]
        parts.append("")
    return "\n".join([*parts, wrapped(METHODS), wrapped(NO_ADVICE)])


def _of_series(forecast: SeriesForecast, forecasts: Sequence[SeriesForecast]) -> str:
    return f" on {forecast.name}" if len(forecasts) > 1 else ""


def score_cells(scores: Scores) -> list[str]:
    """Returns the cells of a method's row: log score, half of its interval, CRPS, coverage, and p of calibration."""
    plain = scores.as_dict()
    low, high = plain["log_score_interval"]
    half = "-" if low is None else f"{(high - low) / 2:.3f}"
    covered = [f"{100 * plain['coverage'][name]:.0f}%" for name in INTERVALS]
    return [_figure(plain["log_score"]), half, f"{plain['crps']:.4g}", *covered, f"{plain['pit_p_value']:.2g}"]


SCORES_HEADER = ("log score", "±", "CRPS", *(f"{name}%" for name in INTERVALS), "PIT p")
"""The columns of `score_cells`."""


def _figure(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "-inf"


def _scores_table(forecast: SeriesForecast, split: str) -> str:
    what, dates = PREDICTED[forecast.history.bins.transform], forecast.dates
    title = (
        f"{forecast.name}: {what} of each of {forecast.num_dates:,} {split} dates, {shown_date(dates[0])} to "
        f"{shown_date(dates[-1])}\n"
        "Log score in nats, higher is better, ± half of its 95% interval; CRPS, lower is better;\n"
        "share of values in the central 50, 80 and 95% intervals; PIT p: below 0.05 not calibrated"
    )
    rows = [[SHORT_NAMES[name], *score_cells(each)] for name, each in forecast.scores.items()]
    return table(title, ["", *SCORES_HEADER], rows)


def comparison_cells(test: BaselineTest, baseline: Scores) -> list[str]:
    """Returns the cells of a test: difference of the log scores, interval, p, and that of the CRPS in percent."""
    return [
        f"{test.log_score.value:+.4f}",
        _interval(test.log_score),
        _p_value(test.log_score_p),
        f"{test.crps.value / baseline.crps_N.mean():+.1%}",
        _p_value(test.crps_p),
    ]


def _interval(difference: Difference) -> str:
    return "-" if difference.low is None else f"{difference.low:+.3f}, {difference.high:+.3f}"


def _p_value(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


TESTS_HEADER = ("log score", "95% interval", "p (Holm)", "CRPS", "p (Holm)")
"""The columns of `comparison_cells`."""


def _tests_table(forecast: SeriesForecast) -> str:
    rows = [
        [SHORT_NAMES[name], *comparison_cells(each, forecast.scores[name])] for name, each in forecast.tests.items()
    ]
    return table("Differences of this model, and their Diebold-Mariano tests", ["against", *TESTS_HEADER], rows)


def next_rows(forecast: SeriesForecast) -> list[list[str]]:
    """Returns the quantiles for the date to come: of the model and of GARCH, and of the value of the table."""
    history = forecast.history
    rows = []
    for name in (MODEL, "garch_t"):
        if name in forecast.upcoming:
            quantiles = levels_of(forecast.upcoming[name], NEXT_LEVELS)
            rows.append([SHORT_NAMES[name], *(f"{each:+.4g}" for each in quantiles.tolist())])
            if name == MODEL and history.bins.transform != "none":
                after = level_after(float(history.changes.levels[-1]), quantiles, history.bins.transform)
                rows.append(["  as a value", *(f"{each:.6g}" for each in after.tolist())])
    return rows


def _next_table(forecast: SeriesForecast) -> str:
    last = shown_date(forecast.history.changes.dates[-1])
    title = f"Next {PREDICTED[forecast.history.bins.transform]}, after {last}: quantiles"
    return table(title, ["", *(f"{100 * level:g}%" for level in NEXT_LEVELS)], next_rows(forecast))

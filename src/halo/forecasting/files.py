"""Forecasts -> forecasts.csv, metrics.json and forecast.html."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from halo.corpus.series.dates import shown_date
from halo.forecasting.forecast import MODEL, NAMES, SeriesForecast
from halo.forecasting.page.page import FILE_NAME as PAGE
from halo.forecasting.page.page import render
from halo.forecasting.scores import LEVELS
from halo.forecasting.terminal import NO_ADVICE
from halo.runtime.atomic_files import atomic_write, json_text
from halo.runtime.errors import InputError, reason

QUANTILES = [f"q{100 * level:g}" for level in LEVELS]
"""The columns of the quantiles, in percent."""


def write_files(forecasts: Sequence[SeriesForecast], folder: Path, *, split: str) -> dict[str, Path]:
    """Writes the forecasts of each date, all figures, and the page; returns what each file is.

    Raises:
        InputError: A file cannot be written.
    """
    metrics = {
        "split": split,
        "series": {each.history.changes.name: each.as_dict() for each in forecasts},
        "notice": NO_ADVICE,
    }
    contents = {
        "Forecasts": ("forecasts.csv", forecasts_csv(forecasts)),
        "Figures": ("metrics.json", json_text(metrics)),
        "Page": (PAGE, render(forecasts, split=split)),
    }
    try:
        for name, content in contents.values():
            atomic_write(folder / name, content)
    except OSError as error:
        raise InputError(f"{folder}: the forecasts cannot be written ({reason(error)}); free some space") from error
    return {what: folder / name for what, (name, _) in contents.items()}


def forecasts_csv(forecasts: Sequence[SeriesForecast]) -> str:
    """Returns a row for each series and date: what came, the model's quantiles and scores, and the baselines' scores.

    The date to come has the date `next`, quantiles, and no scores.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    baselines = [name for name in NAMES if name != MODEL]
    own = ["series", "date", "value", "change", *QUANTILES, "log_score", "crps", "pit"]
    writer.writerow([*own, *(f"log_score_{name}" for name in baselines)])
    for each in forecasts:
        writer.writerows(_rows(each, baselines))
    return text.getvalue()


def _rows(forecast: SeriesForecast, baselines: Sequence[str]) -> Iterator[list[object]]:
    model, changes = forecast.scores[MODEL], forecast.history.changes
    for number, date in enumerate(forecast.dates):
        position = forecast.first + number
        yield [
            changes.name,
            shown_date(date),
            _text(changes.levels[position]),
            _text(changes.values[position]),
            *map(_text, model.quantiles_NL[number]),
            *(_text(scores[number]) for scores in (model.log_score_N, model.crps_N, model.pit_N)),
            *(
                _text(forecast.scores[name].log_score_N[number]) if name in forecast.scores else ""
                for name in baselines
            ),
        ]
    if forecast.upcoming:
        quantiles_L = forecast.upcoming[MODEL].quantiles(np.array(LEVELS))[0]
        yield [changes.name, "next", "", "", *map(_text, quantiles_L), "", "", "", *("" for _ in baselines)]


def _text(value: float) -> str:
    return f"{value:.10g}"

"""Forecasts of all series of a model: read, walked forward, checked for look-ahead, scored and compared."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from halo.bundle.loading import Bundle
from halo.config import DataConfig
from halo.corpus.series.dates import shown_date
from halo.corpus.series.table import read_series
from halo.corpus.series.transform import transform
from halo.corpus.series.words import hash_values
from halo.corpus.sources.documents import find_sources
from halo.forecasting.baselines import expanding, historical, persistence
from halo.forecasting.distributions import Forecasts
from halo.forecasting.garch import MIN_VALUES, garch
from halo.forecasting.history import Method, SeriesHistory
from halo.forecasting.look_ahead import check_no_look_ahead, positions_to_check
from halo.forecasting.model_forecasts import model_method
from halo.forecasting.scores import Scores
from halo.forecasting.verdict import BaselineTest, compare_with, verdict
from halo.runtime.errors import InputError, packages_of_extra, printable
from halo.tokenization.value_bins import Floats

log = logging.getLogger(__name__)

MODEL = "model"
NAMES = {
    MODEL: "this model",
    "persistence": "persistence",
    "historical": "the historical distribution",
    "expanding": "that of all values so far",
    "garch": "GARCH(1,1)",
    "garch_t": "GARCH(1,1) with t errors",
}
"""What a sentence calls each method; the keys are those of metrics.json and forecasts.csv."""


@dataclass(frozen=True)
class SeriesForecast:
    """The forecasts of one series.

    Attributes:
        history: The series.
        first: Position of the first value that was forecast.
        scores: The scores of each method that could be computed.
        tests: The tests of the model against each baseline; empty with too few dates.
        upcoming: The distribution of each method for the date after the last one; empty where that is known.
        notes: What was left out.
    """

    history: SeriesHistory
    first: int
    scores: dict[str, Scores]
    tests: dict[str, BaselineTest]
    upcoming: dict[str, Forecasts]
    notes: list[str]

    @property
    def name(self) -> str:
        """The name of the series, printable."""
        return printable(self.history.changes.name)

    @property
    def num_dates(self) -> int:
        """The number of dates that were forecast."""
        return len(self.scores[MODEL].values_N)

    @property
    def dates(self) -> "np.ndarray[Any, Any]":
        """The dates that were forecast."""
        dates: np.ndarray[Any, Any] = self.history.changes.dates[self.first : self.first + self.num_dates]
        return dates

    @property
    def verdict(self) -> str:
        """Which baselines the model is better than, no better than, or worse than."""
        return verdict(self.tests, NAMES)

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as plain data."""
        return {
            "first_date": shown_date(self.dates[0]),
            "last_date": shown_date(self.dates[-1]),
            "dates": self.num_dates,
            "methods": {name: each.as_dict() for name, each in self.scores.items()},
            "tests": {name: each.as_dict() for name, each in self.tests.items()},
            "verdict": self.verdict,
            "notes": self.notes,
        }


class OpenedSeries(NamedTuple):
    """The series of a model as a table has them now.

    Attributes:
        histories: The series that the model knows.
        notes: What a reader should know about the table.
    """

    histories: list[SeriesHistory]
    notes: list[str]


def open_series(bundle: Bundle, path: str | None) -> OpenedSeries:
    """Returns the series of a model, read from its own table or from a newer one.

    Args:
        bundle: The model.
        path: A table with the same columns, or None for that of its training.

    Raises:
        InputError: The model is one of text; the table cannot be read, lacks a series, or has other training values.
    """
    if bundle.series_bins is None:
        raise InputError(f"{bundle.folder}: a model of text; halo.forecast needs one that was trained with data=series")
    config = bundle.config.data if path is None else replace(bundle.config.data, path=path)
    if path is None and bundle.is_bundle and config.urls():
        raise InputError(
            f"{bundle.folder / 'config.yaml'}: {config.source} is a URL, and the URL of a bundle is never fetched; "
            "give path=FILE_OR_URL"
        )
    table = read_series(find_sources(config), config)
    assert config.series is not None
    by_name = {each.name: each for each in table.series}
    histories, notes = [], [*table.notes]
    for record in bundle.series_bins.series:
        if record.name not in by_name:
            present = ", ".join(map(printable, by_name))
            raise InputError(f"{_setting(path, config)}: no series {printable(record.name)}; it has {present}")
        history = SeriesHistory(transform(by_name.pop(record.name), config.series), record, bundle.series_bins)
        notes += _revision(history, path, config)
        histories.append(history)
    if by_name:
        notes.append(f"Not forecast, since the model was not trained on them: {', '.join(map(printable, by_name))}.")
    return OpenedSeries(histories, notes)


def _setting(path: str | None, config: DataConfig) -> str:
    return config.source if path is None else f"path={path}"


def _revision(history: SeriesHistory, path: str | None, config: DataConfig) -> list[str]:
    """Returns a note where the values until the end of training are not those of the training.

    Raises:
        InputError: They are not, and the table should be that of the training.
    """
    until = history.changes.values[: history.num_training]
    if hash_values(until) == history.record.training_sha256:
        return []
    name, end = printable(history.record.name), shown_date(np.datetime64(history.bins.training_end))
    if path is None:
        raise InputError(
            f"{config.source}: series {name}: the values until {end} have changed since the model was trained on them; "
            "give path=FILE to forecast another table"
        )
    if not len(until):
        return [f"{name}: the table begins after {end}, the end of training: the model starts without a past."]
    return [f"{name}: the values until {end} are not those that the model was trained on."]


def forecast_series(bundle: Bundle, history: SeriesHistory, *, split: str, refit: int) -> SeriesForecast:
    """Returns the forecasts of a series, each from the values before its date, checked for look-ahead.

    Args:
        bundle: The model.
        history: The series.
        split: `test`: all dates after those that the model was trained and chosen on, and the one to come; or
            `validation`.
        refit: Number of dates after which GARCH is fitted again.

    Raises:
        InputError: There are no dates to forecast, or a forecast depends on later values.
    """
    values_N = history.changes.values
    first, last = history.num_known, len(values_N)
    if split == "validation":
        first, last = history.num_training, history.num_known
    first = max(first, history.season + 1)
    if first >= last:
        raise InputError(
            f"series {printable(history.record.name)}: no {split} dates after {_last_known(history, split)}; give "
            "path=FILE with later ones"
        )
    methods, notes = _methods(bundle, history, first, refit=refit)
    with packages_of_extra("series", purpose="halo.forecast"):
        import scipy.stats  # noqa: F401  before anything is computed
        import statsmodels.api  # noqa: F401
    check_no_look_ahead(methods, history, positions_to_check(first, last))
    end = last + (split == "test")
    forecasts = {name: method(values_N, first, end) for name, method in methods.items()}
    scores = {
        name: Scores.of(each.at(slice(0, last - first)), values_N[first:last]) for name, each in forecasts.items()
    }
    baselines = {name: each for name, each in scores.items() if name != MODEL}
    upcoming = {name: each.at(slice(last - first, None)) for name, each in forecasts.items()} if end > last else {}
    return SeriesForecast(history, first, scores, compare_with(scores[MODEL], baselines), upcoming, notes)


def _last_known(history: SeriesHistory, split: str) -> str:
    end = history.bins.training_end if split == "validation" else history.bins.validation_end
    return shown_date(np.datetime64(end))


def _methods(bundle: Bundle, history: SeriesHistory, first: int, *, refit: int) -> tuple[dict[str, Method], list[str]]:
    """Returns the model and the baselines, and a note for each that is left out."""
    methods: dict[str, Method] = {
        MODEL: model_method(bundle.model, bundle.tokenizer, history),
        "persistence": persistence(history),
        "historical": historical(history),
        "expanding": expanding(history),
    }
    if first - history.season < MIN_VALUES:
        return methods, [f"GARCH(1,1) is left out: it is fitted on {MIN_VALUES} past values or more, not {first}."]
    methods["garch"] = garch(history, errors="normal", refit=refit)
    methods["garch_t"] = garch(history, errors="t", refit=refit)
    return methods, []


def forecast_all(bundle: Bundle, histories: Sequence[SeriesHistory], *, split: str, refit: int) -> list[SeriesForecast]:
    """Returns the forecasts of each series; see `forecast_series`."""
    found = []
    for number, history in enumerate(histories, start=1):
        if len(histories) > 1:
            log.info("Series %d of %d: %s", number, len(histories), printable(history.changes.name))
        found.append(forecast_series(bundle, history, split=split, refit=refit))
    return found


def levels_of(upcoming: Forecasts, levels: Sequence[float]) -> Floats:
    """Returns the quantiles of the distribution for the date to come."""
    quantiles_L: Floats = upcoming.quantiles(np.array(levels))[0]
    return quantiles_L

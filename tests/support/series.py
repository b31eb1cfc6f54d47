"""Series for tests: tables of prices, settings, and histories without a model's files."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from halo.config import DataConfig, PrepareConfig, SeriesConfig, parse
from halo.corpus.series.cuts import Cuts
from halo.corpus.series.transform import Changes
from halo.corpus.series.words import make_words
from halo.forecasting.history import SeriesHistory
from halo.tokenization.value_bins import Floats
from tests.conftest import compose_config


@cache
def _data() -> DataConfig:
    return parse(compose_config("prepare", ["data=series", "data.path=x.csv"]), PrepareConfig).data


def series_data(path: Path, cache_dir: Path | None = None, **settings: Any) -> DataConfig:
    """Returns the settings of `data=series` for a file, with small batches and other settings of series."""
    data = _data()
    assert data.series is not None
    changed = replace(data.series, **settings)
    return replace(
        data,
        path=str(path),
        cache_dir=str(cache_dir or path.parent / "cache"),
        series=changed,
        batch_size=2,
        sequence_length=8,
    )


def series_config(**settings: Any) -> SeriesConfig:
    """Returns the settings of series of `data=series`, some of them changed."""
    series = _data().series
    assert series is not None
    return replace(series, **settings)


def daily(number: int, start: str = "2020-01-01") -> Any:
    """Returns dates, one a day, in seconds."""
    return (np.datetime64(start) + np.arange(number)).astype("datetime64[s]")


def write_table(file: Path, **columns: Floats) -> Path:
    """Writes a table with a date a day and the given columns."""
    names = list(columns)
    dates = daily(len(columns[names[0]])).astype("datetime64[D]")
    rows = [
        f"{date},{','.join(f'{each:.10g}' for each in values)}"
        for date, *values in zip(dates, *columns.values(), strict=True)
    ]
    file.write_text("\n".join([f"date,{','.join(names)}", *rows]) + "\n", encoding="utf-8")
    return file


def history_of(values_N: Floats, **settings: Any) -> SeriesHistory:
    """Returns a series of the given values, 60% of them for training and 20% for validation."""
    config = series_config(**{"transform": "differences", "num_bins": 10, **settings})
    dates, number = daily(len(values_N)), len(values_N)
    changes = Changes("x", dates, values_N, values_N)
    words = make_words([changes], config, Cuts(dates[int(0.6 * number) - 1], dates[int(0.8 * number) - 1]))
    return SeriesHistory(changes, words.bins.series[0], words.bins)


def garch_values(number: int, *, seed: int = 0) -> Floats:
    """Returns values of a GARCH(1,1) process whose variance is far from constant."""
    generator = np.random.default_rng(seed)
    values, variance, last = [], 1.0, 0.0
    for normal in generator.standard_normal(number).tolist():
        variance = 0.02 + 0.18 * last**2 + 0.8 * variance
        last = normal * variance**0.5
        values.append(last)
    return np.array(values)

"""The file series.json of a prepared corpus, a run and a bundle: how values become words, and what training has seen.

With it a model is usable without its corpus: it has the bins, the distribution of the training values, and the dates at
which training and validation ended.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halo.runtime.errors import InputError, reason
from halo.tokenization.value_bins import Floats, ValueBins, recent_sizes

FILE_NAME = "series.json"
MAX_BYTES = 2**24


@dataclass(frozen=True)
class SeriesRecord:
    """One series as the model was trained on it.

    Attributes:
        name: Its name, that of its column.
        bins: The bins of the model: of values that are divided by their recent size, if they are.
        plain_bins: The bins of the values as they are; without that division the same.
        counts: Number of training values in each plain bin.
        size: Root of the mean square of the training values.
        spread: Root of the mean square of the errors of persistence on the training values.
        training_sha256: Hash of the training values, by which a revised file is recognised.
    """

    name: str
    bins: ValueBins
    plain_bins: ValueBins
    counts: tuple[int, ...]
    size: float
    spread: float
    training_sha256: str


@dataclass(frozen=True)
class SeriesBins:
    """All series of a model, and the dates at which its parts end.

    Attributes:
        transform: What is predicted, as `SeriesConfig` has it.
        seasonal_period: Steps back of persistence, likewise.
        scaling_decay: Weight of the past in the recent size; None if values are not divided by it.
        training_end: The last date of the training split, ISO 8601.
        validation_end: The last date of the validation split.
        series: The series.
    """

    transform: str
    seasonal_period: int
    scaling_decay: float | None
    training_end: str
    validation_end: str
    series: tuple[SeriesRecord, ...]

    def sizes(self, record: SeriesRecord, values_N: Floats) -> Floats:
        """Returns what each value, and the next one, is divided by before it is put into a bin; shape (N + 1,)."""
        if self.scaling_decay is None:
            return np.ones(len(values_N) + 1)
        return recent_sizes(values_N, decay=self.scaling_decay, initial=record.size)

    def save(self, folder: Path) -> None:
        """Writes series.json into a folder."""
        (folder / FILE_NAME).write_text(json.dumps(asdict(self), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> "SeriesBins":
        """Returns what `save` wrote.

        Args:
            file: The file, which may come from anybody.

        Raises:
            InputError: It is damaged or something else.
        """
        try:
            if file.stat().st_size > MAX_BYTES:
                raise ValueError("too large")
            plain = json.loads(file.read_bytes())
            records = tuple(_record(each) for each in plain.pop("series"))
            loaded = cls(**plain, series=records)
            _check(loaded)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            message = f"{file}: not the bins of a model of series ({reason(error)}); use a folder of halo.train"
            raise InputError(message) from error
        return loaded


def _record(plain: dict[str, Any]) -> SeriesRecord:
    bins, plain_bins = (_bins(plain.pop(key)) for key in ("bins", "plain_bins"))
    counts = tuple(plain.pop("counts"))
    return SeriesRecord(bins=bins, plain_bins=plain_bins, counts=counts, **plain)


def _bins(plain: dict[str, Any]) -> ValueBins:
    return ValueBins(tuple(map(float, plain["edges"])), float(plain["lower_decay"]), float(plain["upper_decay"]))


def _check(loaded: SeriesBins) -> None:
    """Checks what a forecast relies on.

    Raises:
        ValueError: Something is not a number in its range.
    """
    decay = loaded.scaling_decay
    if not loaded.series or len({each.name for each in loaded.series}) < len(loaded.series):
        raise ValueError("no series, or two of one name")
    if type(loaded.seasonal_period) is not int or loaded.seasonal_period < 1:
        raise ValueError(f"seasonal_period {str(loaded.seasonal_period)[:20]}")
    if decay is not None and not (type(decay) is float and 0 <= decay < 1):
        raise ValueError(f"scaling_decay {str(decay)[:20]}")
    for date in (loaded.training_end, loaded.validation_end):
        np.datetime64(date)
    for record in loaded.series:
        for bins in (record.bins, record.plain_bins):
            numbers = (*bins.edges, bins.lower_decay, bins.upper_decay, record.size, record.spread)
            if not all(map(math.isfinite, numbers)) or min(bins.lower_decay, bins.upper_decay, record.spread) <= 0:
                raise ValueError(f"the bins of {record.name[:40]!r} are not finite numbers")
            if not bins.edges or (np.diff(bins.edges) <= 0).any():
                raise ValueError(f"the edges of {record.name[:40]!r} do not increase")
        if len(record.counts) != len(record.plain_bins) or not all(
            type(count) is int and count >= 1 for count in record.counts
        ):
            raise ValueError(f"the counts of {record.name[:40]!r} do not fit its bins")

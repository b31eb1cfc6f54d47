"""The file series.json: what is written is read, and a damaged one is one line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halo.runtime.errors import InputError
from halo.tokenization.series_bins import FILE_NAME, SeriesBins
from tests.support.series import history_of


@pytest.fixture
def saved(tmp_path: Path) -> tuple[SeriesBins, Path]:
    bins = history_of(np.random.default_rng(0).normal(size=100), scaling="ewma").bins
    bins.save(tmp_path)
    return bins, tmp_path / FILE_NAME


def test_what_is_saved_is_loaded(saved: tuple[SeriesBins, Path]) -> None:
    bins, file = saved
    assert SeriesBins.load(file) == bins


def spoil(plain: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    node: Any = plain
    for name in parents:
        node = node[int(name)] if name.isdigit() else node[name]
    node[int(last) if last.isdigit() else last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("series", []),
        ("series.0.bins.edges", [1.0, 0.0]),
        ("series.0.bins.edges", "many"),
        ("series.0.plain_bins.lower_decay", 0.0),
        ("series.0.spread", float("nan")),
        ("series.0.counts", [1]),
        ("training_end", "yesterday"),
        ("seasonal_period", 0),
        ("scaling_decay", "1"),
    ],
)
def test_a_damaged_file_is_refused(saved: tuple[SeriesBins, Path], path: str, value: Any) -> None:
    _, file = saved
    plain = json.loads(file.read_text())
    spoil(plain, path, value)
    file.write_text(json.dumps(plain))
    with pytest.raises(InputError, match="not the bins of a model of series"):
        SeriesBins.load(file)

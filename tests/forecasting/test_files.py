"""forecasts.csv and metrics.json hold what was forecast."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from halo.forecasting.files import write_files
from halo.forecasting.forecast import SeriesForecast

pytestmark = pytest.mark.slow


def test_every_date_has_a_row_and_all_figures_are_written(pattern_forecast: SeriesForecast, tmp_path: Path) -> None:
    files = write_files([pattern_forecast], tmp_path, split="test")
    rows = [*csv.DictReader(files["Forecasts"].open())]
    assert len(rows) == 61
    assert (rows[0]["date"], rows[-1]["date"], rows[-1]["log_score"]) == ("2021-06-25", "next", "")
    metrics = json.loads(files["Figures"].read_text())["series"]["x"]
    for name, column in (("model", "log_score"), ("garch_t", "log_score_garch_t")):
        mean = np.mean([float(row[column]) for row in rows[:-1]])
        assert mean == pytest.approx(metrics["methods"][name]["log_score"])
    inside = [float(row["q10"]) <= float(row["change"]) <= float(row["q90"]) for row in rows[:-1]]
    assert np.mean(inside) == pytest.approx(metrics["methods"]["model"]["coverage"]["80"])
    assert metrics["verdict"] == pattern_forecast.verdict

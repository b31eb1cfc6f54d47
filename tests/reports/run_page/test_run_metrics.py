"""Figures are read as the program writes them; what anybody else wrote is one line."""

from typing import Any

import pytest

from halo.reports.run_page.run_metrics import RunMetrics
from halo.runtime.errors import InputError
from tests.reports.run_page.conftest import figures


def test_figures_of_a_run_are_read() -> None:
    metrics = RunMetrics.read(figures(), place="metrics.json")
    assert metrics.baselines["Kneser-Ney 5-gram"]["validation"] == 7
    assert metrics.validations[2].validation == 120
    assert RunMetrics.read({**figures(), "kneser_ney_train_perplexity": None}, place="").baselines


@pytest.mark.parametrize(
    "wrong",
    [
        {"splits": {}},
        {"splits": 3},
        {"verdict": 5},
        {"validations": [1]},
        {"minutes": "x"},
        {"samples": "text"},
        {"environment": [1]},
    ],
)
def test_other_figures_are_refused_in_one_line(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"^run/metrics\.json: not the figures of a training run \(") as caught:
        RunMetrics.read(figures(**wrong), place="run/metrics.json")
    assert "\n" not in str(caught.value)

"""The figures of a run are plain data, and the gap has the sign of overfitting."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from halo.config import SPLITS
from halo.evaluation.verdict import Validation
from halo.runs.result import FitResult, generalization_gap

NLL = {"train": 3.0, "validation": 3.5, "test": 3.25}


def scores() -> dict[str, Any]:
    return {
        name: SimpleNamespace(nll=nll, perplexity=math.exp(nll), tokens=7, as_dict=lambda: {"by_label": {}})
        for name, nll in NLL.items()
    }


def test_the_gap_is_positive_where_validation_is_harder() -> None:
    assert generalization_gap(scores()) == pytest.approx(0.5)


def test_the_figures_are_plain_data_under_the_names_of_the_splits() -> None:
    result = FitResult(
        run_dir=Path("run"),
        scores=scores(),
        unigram=cast(Any, scores()),
        kneser_ney={},  # too large a training text
        uniform_perplexity=100,
        num_parameters=5,
        verdict="neither",
        chosen_weights="last, step 3",
        tokens_per_second=2.0,
        minutes=1.0,
        samples=[],
        history=[Validation(step=3, epochs=1.0, train=4.0, validation=math.inf, tokens=400, seconds=0.5)],
        early_end=None,
        environment={},
    )
    metrics = json.loads(json.dumps(result.metrics()))
    for name in SPLITS:
        assert metrics[f"{name}_perplexity"] == pytest.approx(math.exp(NLL[name]))
        assert metrics[f"{name}_nll"] == NLL[name]
        assert metrics[f"unigram_{name}_perplexity"] == pytest.approx(math.exp(NLL[name]))
        assert f"kneser_ney_{name}_perplexity" not in metrics
    assert metrics["uniform_perplexity"] == 100
    assert metrics["validations"][0]["tokens"] == 400
    assert metrics["validations"][0]["seconds"] == 0.5

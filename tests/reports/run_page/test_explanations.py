"""Every verdict that a run can get is explained, and the sentences follow the figures."""

import math

import pytest

from halo.config import SPLITS
from halo.evaluation.verdict import FinalNLL, Validation, verdict
from halo.reports.run_page.analysis.calibration import Calibration
from halo.reports.run_page.explanations import (
    MEANINGS,
    explain_calibration,
    explain_interval,
    explain_perplexity,
    explain_verdict,
)
from halo.reports.run_page.run_metrics import RunMetrics
from tests.reports.run_page.conftest import figures

FINAL = FinalNLL(train=4.0, validation=4.5, unigram=6.0, uniform=8.0)


def history(*validation: float) -> list[Validation]:
    return [
        Validation(epoch, epoch, train=500 / epoch, validation=each, tokens=100 * epoch, seconds=epoch)
        for epoch, each in enumerate(validation, 1)
    ]


@pytest.mark.parametrize(
    ("validations", "final", "steps"),
    [
        (history(90, 80, 85), FINAL, 100),
        (history(90, 80, 70), FINAL, 100),
        (history(90, 89.9, 89.8), FINAL, 100),
        (history(90), FINAL, 100),
        (history(90, 80), FINAL, 3),
        ([], FINAL, 100),
        (history(90, 80), FINAL._replace(validation=79.0), 100),
        (history(90, 89.9), FINAL._replace(kneser_ney=4.0, train_tokens=9), 100),
        (history(90, 80), FINAL._replace(validation=math.nan), 100),
    ],
)
@pytest.mark.parametrize("ending", [None, "early stopping after epoch 7 of 11 (patience 3)"])
def test_every_verdict_has_a_meaning(
    validations: list[Validation], final: FinalNLL, steps: int, ending: str | None
) -> None:
    line = verdict(validations, final, steps=steps, early_end=ending)
    explained = explain_verdict(line)
    assert explained.meaning in MEANINGS.values()
    assert explained.evidence in line
    assert "ended by" not in f"{explained.evidence}{explained.advice}"
    assert explained.advice or explained.kind in ("no verdict", "neither underfitting nor overfitting")


def test_an_unknown_verdict_is_shown_as_it_is() -> None:
    assert explain_verdict("<b>") == ("<b>", "", "", "")


def read(**changes: object) -> RunMetrics:
    return RunMetrics.read(figures(**changes), place="metrics.json")


def test_the_perplexity_is_compared_with_the_baselines() -> None:
    split = figures()["splits"]["validation"]
    for perplexity, said in (
        (50.0, "50% lower"),
        (98.0, "about as good"),
        (200.0, "worse, by a factor of 2.0"),
        (None, "too large"),
    ):
        splits = {name: {**split, "perplexity": perplexity} for name in SPLITS}
        assert said in " ".join(explain_perplexity(read(splits=splits, kneser_ney_validation_perplexity=100.0)))


def test_an_interval_says_what_is_noise() -> None:
    split = read().splits["validation"]
    assert "33%" in explain_interval(split)
    splits = {name: {**figures()["splits"]["test"], "perplexity_interval": None} for name in SPLITS}
    assert "two documents" in explain_interval(read(splits=splits).splits["test"])


@pytest.mark.parametrize(
    ("error", "confidence", "said"),
    [(0.01, 0.3, "face value"), (0.1, 0.4, "overconfident"), (0.1, 0.2, "underconfident"), (0.1, 0.3, "some ranges")],
)
def test_calibration_is_put_into_words(error: float, confidence: float, said: str) -> None:
    assert said in explain_calibration(Calibration([], error, confidence, accuracy=0.3))

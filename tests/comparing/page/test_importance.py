"""Importance finds the setting that decides, in any kind of search space."""

import random
from typing import Any

import pytest

from halo.comparing.page.importance import importance_of

pytest.importorskip("optuna", reason="needs the extra `sweep`")

pytestmark = pytest.mark.slow  # Optuna's measures import scikit-learn


def settings_and_figures(number: int) -> tuple[list[dict[str, Any]], list[float]]:
    """Returns runs whose figure depends on the learning rate alone."""
    draws = random.Random(1)
    settings: list[dict[str, Any]] = [
        {"lr": 10 ** draws.uniform(-4, -1), "hidden": draws.choice([64, 128, 256]), "tied": draws.random() < 0.5}
        for _ in range(number)
    ]
    return settings, [100 + 1e4 * abs(each["lr"] - 0.001) for each in settings]


def test_the_setting_that_decides_is_first(caplog: pytest.LogCaptureFixture) -> None:
    settings, figures = settings_and_figures(40)
    importance = importance_of(settings, figures, ["hidden", "lr", "tied"], is_log={"lr": True})
    assert next(iter(importance.shares)) == "lr"
    assert importance.shares["lr"] > 0.6
    assert sum(importance.shares.values()) == pytest.approx(1)
    assert (importance.good_share, importance.runs) == (0.125, 40)
    assert caplog.messages == []


def test_settings_of_several_types_and_equal_figures_are_no_error() -> None:
    settings = [{"a": None if number % 2 else 0.5, "b": [number % 3], "c": 1e-9 * number} for number in range(9)]
    importance = importance_of(settings, [80.0] * 9, ["a", "b", "c"], is_log={})
    assert {*importance.shares} == {"a", "b", "c"}

"""The learning curve is printed after each validation, plotted at the end, and continued after resuming."""

import logging
import math
from pathlib import Path
from typing import Any, cast

import pytest
from matplotlib.figure import Figure

from halo.config import TrainConfig
from halo.evaluation.verdict import Validation
from halo.training.callbacks.learning_curve import LearningCurve, draw_learning_curve, progress_line
from halo.training.callbacks.throughput import Throughput
from tests.support.fitting import fit_module

PNG = b"\x89PNG"


def curve_of(*figures: tuple[float, float]) -> list[Validation]:
    return [Validation(10 * epoch, epoch, *each, 1000 * epoch, epoch) for epoch, each in enumerate(figures, start=1)]


def test_each_validation_is_printed_and_the_curve_is_plotted(
    tiny_config: TrainConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    curve = LearningCurve(tmp_path / "curve.png", Throughput())
    with caplog.at_level(logging.INFO, logger="halo"):
        fit_module(tiny_config, curve)
    assert [validation.epochs for validation in curve.history] == [1, 2]
    assert (tmp_path / "curve.png").read_bytes().startswith(PNG)
    first, second = (line for line in caplog.messages if line.startswith("epoch "))
    assert first.startswith(f"epoch 1/2  perplexity: train {curve.history[0].train:.1f} (dropout), validation ")
    assert " *  " in first  # the first validation is the best so far
    assert (" *  " in second) == (curve.history[1].validation < curve.history[0].validation)


def test_validations_continue_after_resuming(tmp_path: Path) -> None:
    before, after = (LearningCurve(tmp_path / "curve.png", Throughput()) for _ in range(2))
    before.history = [Validation(10, 1, 300, 200, 1000, 2.0), Validation(20, 2, 150, 140, 2000, 4.0)]
    after.load_state_dict(before.state_dict())
    assert after.history == before.history


def test_a_run_that_fails_leaves_the_curve_so_far(tmp_path: Path) -> None:
    curve = LearningCurve(tmp_path / "curve.png", Throughput())
    curve.on_exception(cast(Any, None), cast(Any, None), RuntimeError())
    assert not (tmp_path / "curve.png").exists()
    curve.history = [Validation(10, 1, 300, 200, 1000, 2.0)]
    curve.on_exception(cast(Any, None), cast(Any, None), RuntimeError())
    assert (tmp_path / "curve.png").read_bytes().startswith(PNG)


def test_a_curve_that_overfits_is_plotted(tmp_path: Path) -> None:
    history = curve_of((300, 200), (150, 140), (100, 150))
    draw_learning_curve(history, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("figures", "title"),
    [
        ([(300.0, 200.0)], "a single validation"),
        ([(84.0, 80.0), (80.0, 78.0), (78.0, 75.2)], "no overfitting: validation was best at the end"),
        ([(300.0, 200.0), (5e33, 5e34)], "diverged"),
        ([(300.0, 200.0), (math.inf, math.nan)], "diverged"),
        ([(math.inf, math.inf)], "diverged"),
        ([(2.2e30, math.inf), (math.inf, math.inf)], "diverged"),
        ([(300.0, 140.0), (100.0, 200.0), (90.0, 210.0)], "overfitting after epoch 1"),
    ],
)
def test_the_axis_has_three_labels_whatever_the_range(
    figures: list[tuple[float, float]], title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, _: drawn.append(figure))
    history = curve_of(*figures)
    draw_learning_curve(history, tmp_path / "curve.png")
    (axes,) = drawn[0].axes
    low, high = axes.get_ylim()
    assert axes.get_title() == title
    assert len({tick.get_text() for tick in axes.get_yticklabels() if low <= tick.get_position()[1] <= high}) >= 3
    assert len(axes.get_xticks()) >= 1


@pytest.mark.parametrize("perplexity", [9.9, 123.4, 12_345.6, 9_999_999.9, 5.4e34, math.inf])
@pytest.mark.parametrize("epochs", [1, 123.25])
def test_a_line_fits_80_columns(perplexity: float, epochs: float) -> None:
    latest = Validation(10, epochs, perplexity, perplexity, tokens=10, seconds=1.0)
    line = progress_line(latest, 1000, 1_234_567.8, is_best=True)
    assert len(line) <= 80
    assert line.startswith(f"epoch {epochs:g}/1000  perplexity: train ")

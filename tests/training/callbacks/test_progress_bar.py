"""The progress bar counts epochs as the printed lines do."""

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console
from rich.measure import Measurement
from rich.progress import Progress, ProgressColumn

from halo.training.callbacks.progress_bar import EpochProgressBar


@pytest.mark.parametrize(("max_epochs", "description"), [(11, "epoch 1/11"), (-1, "epoch 1   "), (None, "epoch 1   ")])
def test_epochs_count_from_one(max_epochs: int | None, description: str) -> None:
    bar = EpochProgressBar()
    bar._trainer = cast(Any, SimpleNamespace(max_epochs=max_epochs))
    assert bar._get_train_description(0) == description


@pytest.mark.parametrize(
    ("width", "columns", "figures"),
    [
        (120, 4, {"perplexity": 9.0, "tokens/s": 99.0}),
        (80, 4, {"perplexity": 9.0}),
        (60, 3, {"perplexity": 9.0}),
        (40, 2, {"perplexity": 9.0}),
    ],
)
def test_the_bar_fits_the_terminal(
    width: int, columns: int, figures: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    logged = {"perplexity": 9.0, "tokens/s": 99.0}
    trainer = cast(Any, SimpleNamespace(loggers=[], progress_bar_metrics=logged))
    bar = EpochProgressBar()
    shown = bar.configure_columns(trainer)
    assert len(shown) == columns
    assert bar.get_metrics(trainer, cast(Any, None)) == figures
    progress = Progress(*shown, console=Console(width=width, file=io.StringIO()))
    progress.add_task("epoch 10/11", total=2000)
    texts = [cast(ProgressColumn, column).render(progress.tasks[0]) for column in progress.columns]
    measured = sum(Measurement.get(progress.console, progress.console.options, text).maximum for text in texts)
    assert measured + len(texts) + len("  ".join(f"{name}: 12345.6" for name in figures)) <= width

"""A model of a series whose changes have the signs + + - over and over, and its forecasts."""

import contextlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from halo.bundle.loading import Bundle, open_model
from halo.forecasting.forecast import SeriesForecast, forecast_series, open_series
from tests.conftest import TINY, run_command
from tests.support.series import write_table

SMALL = ["model.hidden=16", "model.subword_lengths=null", "model.pointer_tokens=null", "model.mogrifier_rounds=0"]
NO_DROPOUT = ["model.dropout_input=0", "model.dropout_hidden=0", "model.dropout_output=0"]
SETTINGS = [
    *(each for each in TINY if not each.startswith(("data=", "trainer.max_epochs"))),
    *("data=series", "data.path=prices.csv", "data.series.num_bins=4", "run_dir=run", *SMALL, *NO_DROPOUT),
    *("trainer.max_epochs=12", "trainer.enable_progress_bar=false", "data.report_batch_size=1", "optim.lr=0.03"),
]


class Trained(NamedTuple):
    """A run folder, and the folder that it was started in, which has prices.csv."""

    folder: Path
    started_in: Path
    bundle: Bundle


@pytest.fixture(scope="session")
def pattern_run(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A run of `halo.train data=series`, of four seconds."""
    folder = tmp_path_factory.mktemp("series")
    sizes = np.abs(np.random.default_rng(0).normal(size=600)) / 100
    changes = sizes * np.tile([1.0, 1.0, -1.0], 200)
    write_table(folder / "prices.csv", x=100 * np.exp(np.concatenate([[0], np.cumsum(changes)])))
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(folder))
        printed = stack.enter_context((folder / "printed.txt").open("w", encoding="utf-8"))
        stack.enter_context(contextlib.redirect_stdout(printed))
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setattr("halo.runs.run_logs.log_corpus_figures", lambda *_: None)
        patched.setattr("halo.runs.fit._write_page", lambda *_: None)
        assert run_command("train", SETTINGS) == 0
        bundle = open_model(run="run", bundle=None, device="cpu")
    return Trained(folder / "run", folder, bundle)


@pytest.fixture(scope="session")
def pattern_forecast(pattern_run: Trained) -> SeriesForecast:
    """The forecasts of its test part."""
    with contextlib.chdir(pattern_run.started_in):
        (history,) = open_series(pattern_run.bundle, None).histories
        return forecast_series(pattern_run.bundle, history, split="test", refit=60)

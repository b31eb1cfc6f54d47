"""MLflow has the settings and figures of a run once, also after it was resumed; a lost store does not end training."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch.loggers import MLFlowLogger
from mlflow.tracking import MlflowClient

from halo.runtime.errors import InputError
from halo.training.loggers.mlflow import RunMLflowLogger

pytestmark = pytest.mark.slow


@pytest.fixture
def make_logger(tmp_path: Path) -> Callable[[], RunMLflowLogger]:
    """Makes loggers of one run, with a file store, which is the fastest."""
    return lambda: RunMLflowLogger(str(tmp_path / "run"), tracking_uri=f"file:{tmp_path / 'store'}")


def test_a_resumed_run_continues_its_curves_without_gaps_or_repetitions(
    make_logger: Callable[[], RunMLflowLogger], tmp_path: Path
) -> None:
    first = make_logger()
    first.log_hyperparams({"seed": 1, "optim": {"lr": 0.1}, "resume": None})
    for step in range(5):
        first.log_metrics({"val/nll": 5.0 - step}, step)
    second = make_logger()
    second.resume()
    second.log_hyperparams({"seed": 1, "optim": {"lr": 0.1}, "resume": "auto"})
    for step in range(3, 7):
        second.log_metrics({"val/nll": 5.0 - step, "hp/test_perplexity": 7.0}, step)
    second.finalize("success")
    client = MlflowClient(f"file:{tmp_path / 'store'}")
    run = client.get_run(str(first.run_id))
    assert run.data.params == {"seed": "1", "optim.lr": "0.1", "resume": "None"}
    assert [each.step for each in client.get_metric_history(run.info.run_id, "val/nll")] == [*range(7)]
    assert run.data.metrics == {"val/nll": -1.0, "hp/test_perplexity": 7.0}
    assert run.info.status == "FINISHED"
    assert len(client.search_runs([run.info.experiment_id])) == 1


def test_a_store_that_is_lost_is_said_once(
    make_logger: Callable[[], RunMLflowLogger], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    logger = make_logger()
    monkeypatch.setattr(MLFlowLogger, "log_metrics", fail)
    with caplog.at_level(logging.WARNING, logger="halo"):
        for step in range(3):
            logger.log_metrics({"val/nll": 1.0}, step)
    assert caplog.messages == ["MLflow lacks the figures from step 0 on: No space left on device"]


def test_a_run_that_the_store_does_not_have_is_one_line(
    make_logger: Callable[[], RunMLflowLogger], tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run_id").write_text("0" * 32)
    with pytest.raises(InputError, match=r"^logger\.mlflow\.tracking_uri=file:.*: the store cannot be used \(Run .*"):
        make_logger().resume()


@pytest.mark.parametrize("uri", ["nothing://here", "sqlite:////proc/none/mlflow.db"])
def test_a_store_that_cannot_be_opened_is_one_line(uri: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^logger\.mlflow\.tracking_uri=\S+: the store cannot be used") as error:
        RunMLflowLogger(str(tmp_path / "run"), tracking_uri=uri).log_metrics({"val/nll": 1.0}, 0)
    assert "\n" not in str(error.value)


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(InputError, match=r"^logger=mlflow needs .* pip install 'semblance-halo\[mlflow\]'"):
        RunMLflowLogger(str(tmp_path))

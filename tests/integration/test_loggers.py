"""Runs that log to MLflow and W&B, and the logger of the user's own that docs/logging.md shows."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from tests.conftest import EXHAUSTIVE, Outcome

PAGE = Path(__file__).parents[2] / "docs" / "logging.md"


@EXHAUSTIVE
def test_jobs_of_one_multirun_log_to_mlflow_and_to_wandb(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    outcome = command("train", "-m", *tiny, "trainer.max_epochs=1", "logger=mlflow,wandb", "run_dir=runs")
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    metrics = json.loads((tmp_path / "runs" / "0" / "metrics.json").read_text(encoding="utf-8"))
    client = MlflowClient(f"sqlite:///{tmp_path}/runs/0/mlflow/mlflow.db")
    run = client.get_run((tmp_path / "runs" / "0" / "mlflow" / "run_id").read_text(encoding="utf-8").strip())
    assert run.data.metrics["hp/test_perplexity"] == metrics["test_perplexity"]
    assert run.data.params["model.hidden"] == "16"
    assert run.info.status == "FINISHED"
    (logged,) = (tmp_path / "runs" / "1" / "wandb").glob("offline-run-*/run-*.wandb")
    assert all(name in logged.read_bytes() for name in (b"hp/test_perplexity", b"val/nll"))
    assert (tmp_path / "runs" / "1" / "csv" / "metrics.csv").is_file()


def test_the_logger_of_the_page_works(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for file, block in re.findall(r"`(my_\S+)`:\n\n```\w+\n(.*?)```", page, re.DOTALL):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(block, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    settings = ["--config-dir", "my_conf", "logger=lines", "run_dir=run", "trainer.max_epochs=1"]
    outcome = command("train", *tiny, *settings)
    assert outcome.code == 0, outcome.err
    entries = [json.loads(line) for line in (tmp_path / "run" / "lines.jsonl").read_text().splitlines()]
    assert entries[0]["settings"]["model"]["hidden"] == 16
    assert any("val/nll" in entry for entry in entries)
    assert "hp/test_perplexity" in entries[-1]

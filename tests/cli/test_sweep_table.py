"""The table of a sweep: what the jobs differ in, and their figures, the best first."""

import csv
import json
import logging
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from halo.cli.sweep_table import SweepTable


def add_job(sweep: Path, number: int, overrides: list[str], figures: dict[str, float] | None) -> None:
    (sweep / str(number) / ".hydra").mkdir(parents=True)
    (sweep / str(number) / ".hydra" / "overrides.yaml").write_text(json.dumps(overrides))
    if figures is not None:
        (sweep / str(number) / "metrics.json").write_text(json.dumps(figures))


def end(sweep: Path) -> None:
    SweepTable().on_multirun_end(OmegaConf.create({"hydra": {"sweep": {"dir": str(sweep)}}}))


def test_the_jobs_are_in_the_order_of_their_validation_perplexity(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_job(tmp_path, 0, ["data=text", "+seed=1"], {"validation_perplexity": 90.51, "minutes": 2})
    add_job(tmp_path, 1, ["data=text", "+seed=2"], None)
    add_job(tmp_path, 2, ["data=text", "+seed=3"], {"validation_perplexity": 85.26, "minutes": 3})
    with caplog.at_level(logging.INFO):
        end(tmp_path)
    rows = list(csv.DictReader((tmp_path / "sweep.csv").read_text().splitlines()))
    assert [row["job"] for row in rows] == ["2", "0", "1"]
    assert [row["validation_perplexity"] for row in rows] == ["85.26", "90.51", ""]
    assert [row["data"] for row in rows] == ["text"] * 3
    header = next(line for line in caplog.text.splitlines() if "┃ job" in line)
    assert "seed" in header
    assert "data" not in header  # the same in every job


def test_a_sweep_without_jobs_has_no_table(tmp_path: Path) -> None:
    end(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_suggested_learning_rates_are_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    add_job(tmp_path, 0, ["seed=1"], None)
    (tmp_path / "0" / "lr_finder.json").write_text(json.dumps({"suggested_lr": 0.0123456}))
    with caplog.at_level(logging.INFO):
        end(tmp_path)
    assert "0.01235" in caplog.text
    assert "lowest validation perplexity first" not in caplog.text

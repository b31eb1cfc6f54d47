"""The jobs of a multirun are recorded as they start and end, and its tables are written at the end."""

import csv
import json
import logging
import pickle
from pathlib import Path
from typing import Any

import pytest
from hydra.core.utils import JobReturn, JobStatus
from omegaconf import DictConfig, OmegaConf

from halo.cli.current_job import FailedJob
from halo.cli.multirun.recording import MultirunTable, finish_multirun, record_failure
from halo.cli.multirun.tables import WIDTH


def sweep_config(folder: Path, *overrides: str, params: dict[str, str] | None = None) -> DictConfig:
    hydra = {"sweep": {"dir": str(folder)}, "sweeper": {"params": params}, "overrides": {"task": list(overrides)}}
    return OmegaConf.create({"hydra": hydra})


def start(folder: Path, *overrides: str, **others: Any) -> MultirunTable:
    folder.mkdir(exist_ok=True)
    table = MultirunTable()
    table.on_multirun_start(sweep_config(folder, *overrides, **others))
    return table


def run_job(
    table: MultirunTable,
    number: int,
    overrides: list[str],
    figures: dict[str, float] | None = None,
    *,
    folder: Path | None = None,
    result: float | None = 1.0,
    ends: bool = True,
) -> None:
    """Runs a job as a launcher does; without `ends` it is interrupted."""
    folder = folder or table.folder / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    name = "lr_finder.json" if figures and "suggested_lr" in figures else "metrics.json"
    if figures is not None:
        (folder / name).write_text(json.dumps(figures))
    hydra = {"job": {"num": number}, "runtime": {"output_dir": str(folder)}, "overrides": {"task": overrides}}
    config = OmegaConf.create({"hydra": hydra})
    table.on_job_start(config)
    if ends:
        cfg = OmegaConf.create({"run_dir": str(folder)})
        table.on_job_end(config, JobReturn(cfg=cfg, status=JobStatus.COMPLETED, _return_value=result))


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "sweep.csv").read_text(encoding="utf-8").splitlines()))


def header(text: str) -> str:
    return next(line for line in text.splitlines() if "┃ job " in line)


@pytest.fixture(autouse=True)
def messages(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_the_jobs_are_in_the_order_of_their_validation_perplexity(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = start(tmp_path, "data=text", "+seed=1,2,3")
    run_job(table, 0, ["data=text", "+seed=1"], {"validation_perplexity": 90.51, "minutes": 2})
    run_job(
        table, 1, ["data=text", "+seed=2"], {"validation_perplexity": 80.0}, result=FailedJob(1, "the loss became nan")
    )
    run_job(table, 2, ["data=text", "+seed=3"], {"validation_perplexity": 85.26, "minutes": 3})
    assert finish_multirun() == 1
    rows = rows_of(tmp_path)
    assert [row["job"] for row in rows] == ["2", "0", "1"]
    assert [row["validation_perplexity"] for row in rows] == ["85.26", "90.51", ""]
    assert [row["status"] for row in rows] == ["finished", "finished", "failed"]
    assert [row["data"] for row in rows] == ["text"] * 3
    assert "seed" in header(caplog.text)
    assert "data" not in header(caplog.text)  # the same in every job
    assert {path.name for path in tmp_path.iterdir()} == {"0", "1", "2", "sweep.csv"}


def test_each_job_is_announced_by_what_it_varies(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run_job(start(tmp_path, "data=text", "model.hidden=8,16"), 1, ["data=text", "model.hidden=16"])
    assert caplog.messages == ["Job 1: model.hidden=16"]
    finish_multirun()


@pytest.mark.parametrize("number_of_settings", range(1, 7))
def test_a_table_fits_the_terminal_and_shows_every_varied_setting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, number_of_settings: int
) -> None:
    keys = [f"callbacks.checkpoint.setting_{number}" for number in range(number_of_settings)]
    table = start(tmp_path, *(f"{key}=1,2" for key in keys))
    for job in range(2):
        figures = {"validation_perplexity": 85.26, "test_perplexity": 80.0, "minutes": 12.3}
        run_job(table, job, [f"{key}={job + 1}" for key in keys], figures, result=1.0)
    run_job(table, 2, [f"{key}=3" for key in keys], result=FailedJob(1, "the loss became nan"))
    caplog.clear()
    finish_multirun()
    assert all(f"setting_{number}" in caplog.text for number in range(number_of_settings))
    drawn = [line for line in caplog.text.splitlines() if line[:1] in "┏┃┡│└"]
    assert max(map(len, drawn)) <= WIDTH


def test_the_jobs_that_ran_are_listed_wherever_they_wrote(tmp_path: Path) -> None:
    sweep, other = tmp_path / "sweep", tmp_path / "sweep" / "7"  # of another sweep
    other.mkdir(parents=True)
    (other / "metrics.json").write_text(json.dumps({"validation_perplexity": 1.0}))
    table = start(sweep, "run_dir=a,b")
    for number, name in enumerate("ab"):
        folder = tmp_path / name
        run_job(table, number, [f"run_dir={name}"], {"validation_perplexity": 2.0 + number}, folder=folder)
    finish_multirun()
    rows = [(row["folder"], row["validation_perplexity"]) for row in rows_of(sweep)]
    assert rows == [(str(tmp_path / "a"), "2.0"), (str(tmp_path / "b"), "3.0")]


def test_a_refused_job_does_not_show_the_figures_of_an_earlier_run_in_its_folder(tmp_path: Path) -> None:
    table = start(tmp_path, "seed=1,2")
    run_job(
        table,
        0,
        ["seed=1"],
        {"validation_perplexity": 2.0},
        result=FailedJob(2, "seed=-1: must be a whole number from 0"),
    )
    run_job(table, 1, ["seed=2"], {"validation_perplexity": 3.0})
    finish_multirun()
    assert [(row["status"], row["validation_perplexity"]) for row in rows_of(tmp_path)] == [
        ("finished", "3.0"),
        ("failed", ""),
    ]


def test_an_interrupted_sweep_has_a_table(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = start(tmp_path, "seed=1,2,3")
    run_job(table, 0, ["seed=1"], {"validation_perplexity": 2.0})
    run_job(table, 1, ["seed=2"], ends=False)
    finish_multirun()
    assert [row["status"] for row in rows_of(tmp_path)] == ["finished", "interrupted"]
    assert "interrupted" in caplog.text
    finish_multirun()  # only once
    assert caplog.text.count("Multirun") == 1


def test_jobs_of_other_processes_are_listed(tmp_path: Path) -> None:
    """A launcher such as joblib's sends the callbacks to its processes; what they keep in memory is lost."""
    table = start(tmp_path, "seed=1,2")
    for number in (1, 0):
        copy = pickle.loads(pickle.dumps(table))
        result = pickle.loads(pickle.dumps(FailedJob(1, "the loss became nan"))) if number else 1.0
        run_job(copy, number, [f"seed={number}"], {"validation_perplexity": 2.0}, result=result)
    finish_multirun()
    assert [(row["job"], row["status"]) for row in rows_of(tmp_path)] == [("0", "finished"), ("1", "failed")]


@pytest.mark.parametrize("refused", [0, 2])
def test_a_sweep_without_results_has_no_table(tmp_path: Path, refused: int) -> None:
    table = start(tmp_path, "seed=-1,-2")
    for number in range(refused):
        run_job(
            table,
            number,
            ["seed=-1"],
            result=FailedJob(2, "seed=-1: must be a whole number from 0"),
            folder=tmp_path / "jobs",
        )
    assert finish_multirun() == refused
    assert [path.name for path in tmp_path.iterdir() if path.name != "jobs"] == []


def test_settings_that_a_file_sweeps_are_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = start(tmp_path, params={"+seed": "1,2"})
    run_job(table, 0, ["+seed=1"], {"suggested_lr": 0.0123456})
    finish_multirun()
    assert "seed" in header(caplog.text)
    assert "0.01235" in caplog.text
    assert "lowest validation" not in caplog.text


def test_a_job_that_never_started_is_in_the_table(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = start(tmp_path, "model=lstm,transformer")
    record_failure(0, ["model=lstm"], "model.heads: unknown setting")
    run_job(table, 1, ["model=transformer"], {"validation_perplexity": 3.0})
    assert finish_multirun() == 2
    assert [(row["job"], row["status"], row["reason"]) for row in rows_of(tmp_path)] == [
        ("1", "finished", ""),
        ("0", "failed", "model.heads: unknown setting"),
    ]
    assert "Job 0 failed: model.heads: unknown setting" in caplog.text


def test_the_command_that_goes_on_is_printed_where_a_job_was_interrupted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = sweep_config(tmp_path, "seed=1,2", "run_dir=there")
    config.hydra.runtime = {"config_sources": [{"path": "own", "provider": "command-line"}]}
    config.hydra.job = {"name": "train", "config_name": "train"}
    config.hydra.overrides.hydra = ["hydra.sweep.dir=there"]
    config.update({"resume": None, "run_dir": "there"})
    table = MultirunTable()
    table.on_multirun_start(config)
    run_job(table, 0, ["seed=1"], ends=False)
    finish_multirun()
    command = f"python -m halo.train --config-dir own -m seed=1,2 run_dir={tmp_path} resume=auto"
    assert caplog.messages[-1].endswith(f"\n  {command}")

"""A resumed curve has each step once, also where the process is killed while it is being prepared."""

import csv
import time
from pathlib import Path

import pytest
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from halo.training.resume.logs import resume_logs


def csv_logger(folder: Path) -> CSVLogger:
    return CSVLogger(folder, name="csv", version="", flush_logs_every_n_steps=1)


def steps_in(folder: Path) -> list[int]:
    with (folder / "csv" / "metrics.csv").open(newline="") as file:
        return [int(row["step"]) for row in csv.DictReader(file)]


def test_csv_rows_from_the_step_on_are_written_again(tmp_path: Path) -> None:
    first = csv_logger(tmp_path)
    for step in range(5):
        first.log_metrics({"loss": float(step)}, step)
    resumed = csv_logger(tmp_path)
    resume_logs([resumed], {"seed": 1}, 3)
    assert steps_in(tmp_path) == [0, 1, 2]
    for step in (3, 4, 5):
        resumed.log_metrics({"loss": float(step)}, step)
    assert steps_in(tmp_path) == [0, 1, 2, 3, 4, 5]


@pytest.mark.filterwarnings("ignore:Experiment logs directory")
def test_a_kill_between_backup_and_rewriting_loses_no_rows(tmp_path: Path) -> None:
    first = csv_logger(tmp_path)
    for step in range(5):
        first.log_metrics({"loss": float(step)}, step)
    (tmp_path / "csv" / "metrics.csv").rename(tmp_path / "csv" / ".metrics.csv.resuming")
    resume_logs([csv_logger(tmp_path)], {}, 3)
    assert steps_in(tmp_path) == [0, 1, 2]
    assert not (tmp_path / "csv" / ".metrics.csv.resuming").exists()


@pytest.mark.slow
def test_tensorboard_shows_each_step_once(tmp_path: Path) -> None:
    first = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    for step in range(5):
        first.log_metrics({"loss": float(step)}, step)
    first.finalize("success")
    resumed = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    time.sleep(1.1)  # TensorBoard orders files by the seconds in their names
    resume_logs([resumed], {}, 3)
    time.sleep(1.1)
    for step in (3, 4):
        resumed.log_metrics({"loss": 10.0 + step}, step)
    resumed.finalize("success")
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    shown = [(event.step, event.value) for event in events.Scalars("loss")]
    assert shown == [(0, 0), (1, 1), (2, 2), (3, 13), (4, 14)]

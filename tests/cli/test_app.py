"""A decorated function is a command: settings from the command line, exit statuses, and clean output folders."""

import os
import sys
from pathlib import Path

import pytest
from omegaconf import DictConfig

from halo.cli.app import Task, command
from halo.cli.current_job import output_dir
from halo.runtime.errors import InputError, Stopped, TrainingError
from halo.runtime.process_ranks import FIRST_PROCESS


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(task: Task, *arguments: str) -> int:
    before = sys.argv
    sys.argv = ["halo.prepare", *arguments]
    try:
        command("prepare")(task)()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
    return 0


def raising(error: BaseException) -> Task:
    def task(_: DictConfig) -> float | None:
        raise error

    return task


def test_the_function_gets_the_composed_settings_and_an_output_folder() -> None:
    seen: list[object] = []

    def task(composed: DictConfig) -> float | None:
        seen.extend([composed.data.batch_size, output_dir().is_dir()])
        (output_dir() / "result.txt").touch()
        return None

    assert run(task, "data.batch_size=7") == 0
    assert seen == [7, True]
    (result,) = Path("outputs/prepare").glob("*/*/result.txt")
    assert (result.parent / ".hydra" / "config.yaml").is_file()


@pytest.mark.parametrize(
    ("error", "status", "line", "is_kept"),
    [
        (InputError("no text"), 2, "error: no text", False),
        (TrainingError("the loss became nan"), 1, "error: the loss became nan", True),
        (Stopped(15, step=3), 143, "stopped by SIGTERM after step 3", True),
        (KeyboardInterrupt(), 130, "interrupted", False),
    ],
)
def test_an_error_is_one_line_and_a_refused_run_leaves_nothing(
    error: BaseException, status: int, line: str, is_kept: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(raising(error)) == status
    assert capsys.readouterr().err == f"{line}\n"
    assert bool(list(Path().rglob("config.yaml"))) == is_kept
    assert Path("outputs").exists() == is_kept


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))


@pytest.mark.slow
def test_every_job_of_a_sweep_runs_and_the_worst_failure_is_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    def task(composed: DictConfig) -> float | None:
        if composed.data.batch_size < 0:
            raise InputError(f"batch_size={composed.data.batch_size}")
        (output_dir() / "result.txt").touch()
        return 1.0

    assert run(task, "-m", "data.batch_size=-1,5,-2", "hydra.sweep.dir=sweep") == 2
    assert capsys.readouterr().err == "error: batch_size=-1\nerror: batch_size=-2\n"
    assert {path.name for path in Path("sweep").iterdir()} == {"1", "multirun.yaml"}
    assert run(task, "-m", "data.batch_size=-1,-2", "hydra.sweep.dir=refused") == 2
    assert not Path("refused").exists()


@pytest.mark.slow
def test_a_bug_in_one_job_of_a_sweep_ends_only_that_job_also_with_tracebacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALO_TRACEBACK", "1")
    finished: list[int] = []

    def task(composed: DictConfig) -> float | None:
        finished.append(1 // (composed.data.batch_size - 5))
        return 1.0

    assert run(task, "-m", "data.batch_size=5,6", "hydra.sweep.dir=sweep") == 1
    assert len(finished) == 1
    assert "ZeroDivisionError: integer division or modulo by zero" in capsys.readouterr().err.splitlines()


def test_launched_processes_leave_the_last_word_to_the_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import logging

    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv(FIRST_PROCESS, str(os.getppid()))
    try:
        assert run(raising(Stopped(15, step=3)), "hydra.run.dir=shared", "hydra.output_subdir=null") == 0
    finally:
        logging.disable(logging.NOTSET)
    assert capsys.readouterr().err == ""


def test_a_deleted_current_folder_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for arguments in ([], ["--help"]):
        assert run(raising(AssertionError()), *arguments) == 2
        assert capsys.readouterr().err == "error: the current folder no longer exists; change to another one\n"


def test_help_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(AssertionError()), "--help", "data.batch_size=7") == 0
    assert "python -m halo.prepare" in capsys.readouterr().out
    assert not Path("outputs").exists()

"""No job of a multirun ends the others: neither one that cannot be composed, nor one without an output folder."""

import csv
import sys
from pathlib import Path

import pytest
from omegaconf import DictConfig

from halo.cli.app import command
from halo.cli.current_job import output_dir

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


ERRORS: dict[int, BaseException] = {
    **{6: SystemExit(3), 7: SystemExit("enough"), 8: MemoryError(), 9: KeyError("hidden")},
    11: KeyboardInterrupt(),
}
"""What the job with each batch size raises."""


def task(composed: DictConfig) -> float | None:
    if (error := ERRORS.get(composed.data.batch_size)) is not None:
        raise error
    (output_dir() / "metrics.json").write_text('{"validation_perplexity": 2.0}')
    return 2.0


def run(*arguments: str) -> tuple[int, list[str]]:
    """Runs the jobs of a multirun; returns the exit status, and the folders of the jobs that wrote a file."""
    before, status = sys.argv, 0
    sys.argv = ["halo.prepare", "-m", "hydra.sweep.dir=sweep", *arguments]
    try:
        command("prepare")(task)()
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.argv = before
    return status, sorted(file.parent.name for file in Path("sweep").glob("*/metrics.json"))


def reasons() -> dict[str, str]:
    rows = csv.DictReader(Path("sweep/sweep.csv").read_text(encoding="utf-8").splitlines())
    return {row["job"]: row["reason"] for row in rows if row["status"] == "failed"}


def test_a_job_that_cannot_be_composed_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data=text,nothing,covid") == (2, ["0", "2"])
    assert capsys.readouterr().err.startswith("error: job 1: data=nothing: choose one of chars,")
    assert list(reasons()) == ["1"]


def test_a_command_of_which_no_job_can_be_composed_is_refused_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data=nothing,neither")[0] == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[2].partition(":")[0] for line in lines] == [" data=nothing", " data=neither"]
    assert not Path("sweep").exists()


def test_a_folder_that_cannot_be_made_fails_its_job_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"data.tokenizer.min_count={'1' * 300},5", "hydra.sweep.subdir=${hydra.job.override_dirname}") == (
        2,
        ["data.tokenizer.min_count=5"],
    )
    assert "the output folder cannot be made (File name too long)" in capsys.readouterr().err
    assert "File name too long" in reasons()["0"]


def test_whatever_ends_a_job_does_not_end_the_others_but_ctrl_c_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data.batch_size=6,7,8,9,10,11,12") == (130, ["4"])
    assert capsys.readouterr().err.splitlines() == [
        "error: the job ended itself with exit status 3; HALO_TRACEBACK=1 shows where",
        "error: the job ended itself with exit status enough; HALO_TRACEBACK=1 shows where",
        "error: MemoryError: MemoryError; HALO_TRACEBACK=1 shows where",
        "error: KeyError: 'hidden'; HALO_TRACEBACK=1 shows where",
        "interrupted",
    ]
    assert sorted(reasons()) == ["0", "1", "2", "3"]

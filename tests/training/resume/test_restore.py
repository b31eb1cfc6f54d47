"""A stopped run resumes from the right checkpoint, or reports in one line why it cannot."""

import contextlib
import json
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

from halo.training.resume.checkpoint_files import RESUME_FORMAT, find_resume_checkpoints
from tests.conftest import Outcome
from tests.support.killing import EVERY_20, train_in_child

Command = Callable[..., Outcome]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, tiny: list[str]) -> Path:
    """The working directory of a run, `run`, that was killed after its last training step."""
    folder = tmp_path_factory.mktemp("killed")
    with contextlib.chdir(folder):
        arguments = [*tiny, *EVERY_20, "run_dir=run", "data.cache_dir=cache"]
        assert train_in_child(arguments, kill_at="measuring:1") == -signal.SIGKILL
    return folder


@pytest.fixture
def run(killed: Path, tmp_path: Path) -> Path:
    """A copy of that run, in the working directory of the commands of a test."""
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


def refused(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    (line,) = outcome.err.strip().splitlines()
    assert re.search(message, line), line


@pytest.fixture
def resume(command: Command, tiny: list[str]) -> Command:
    """Runs the command of `run` again: `resume("resume=run", "model.hidden=5")`."""
    return lambda *changes: command("train", *tiny, *EVERY_20, "data.cache_dir=cache", *changes)


def test_a_longer_run_resumes_in_the_same_folder(run: Path, resume: Command) -> None:
    outcome = resume("resume=run", "trainer.max_epochs=3", "logger=csv", "samples.prompts=[]")
    assert outcome.code == 0, outcome.err
    assert not list(run.parent.glob("outputs/train/*/*/config.yaml"))
    assert yaml.safe_load((run / "config.yaml").read_text())["trainer"]["max_epochs"] == 3
    assert "epoch 3/3" in outcome.out
    assert "epoch 1/3" not in outcome.out


def test_other_settings_are_refused_by_name(run: Path, resume: Command) -> None:
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    refused(
        resume("resume=run", "model.hidden=20", "optim.lr=1e-3", "trainer.max_epochs=4"),
        r"^error: resume: model\.hidden=20 \(was 16\), optim\.lr=0\.001 \(was 0\.006\): must be as when the run "
        r"started; repeat its command with resume= added \(only these may differ: trainer\.max_epochs, .*logger",
    )
    assert before == {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("trainer.max_epochs=1", r"trainer\.max_epochs=1: the run is in epoch 2 at resume-\d+\.ckpt; give at least 2"),
        ("trainer.max_steps=5", r"trainer\.max_steps=5: the run has made \d+ steps at resume-\d+\.ckpt; give at least"),
    ],
)
def test_an_end_before_the_checkpoint_is_refused(run: Path, resume: Command, change: str, message: str) -> None:
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    refused(resume("resume=run", change), message)
    assert before == {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere", r"resume=nowhere: no such file or folder; give a run folder"),
        ("run/checkpoints/best.ckpt", r"resume=run/checkpoints/best\.ckpt: not a resume checkpoint"),
        ("cache", r"resume=cache: not the folder of a training run"),
        ("auto", r"resume=auto: name the run's folder with run_dir=FOLDER"),
    ],
)
def test_what_is_no_run_is_refused(run: Path, resume: Command, place: str, message: str) -> None:
    refused(resume(f"resume={place}"), message)


def test_a_run_resumes_in_its_own_folder(run: Path, resume: Command) -> None:
    refused(
        resume("resume=run", "run_dir=other"), r"run_dir=other: a run resumes in its own folder, run; leave run_dir"
    )


def test_a_run_that_was_stopped_before_its_first_checkpoint(run: Path, resume: Command) -> None:
    for checkpoint in find_resume_checkpoints(run / "checkpoints"):
        checkpoint.file.unlink()
    refused(
        resume("resume=run"), r"resume=run: the run was stopped before its first resume checkpoint; start a new run"
    )


def test_a_finished_run_without_checkpoints_is_not_started_again(run: Path, resume: Command) -> None:
    for checkpoint in find_resume_checkpoints(run / "checkpoints"):
        checkpoint.file.unlink()
    (run / "bundle").mkdir()
    refused(
        resume("run_dir=run", "resume=auto"), r"resume=auto: run holds a finished run without resume checkpoints; name"
    )
    assert (run / "csv" / "metrics.csv").exists()


def test_a_run_whose_checkpoints_are_all_broken_is_not_started_again(run: Path, resume: Command) -> None:
    for checkpoint in find_resume_checkpoints(run / "checkpoints"):
        checkpoint.file.write_bytes(b"broken")
    refused(
        resume("run_dir=run", "resume=auto"), r"resume=auto: every resume checkpoint in run is broken; start a new run"
    )
    assert len(find_resume_checkpoints(run / "checkpoints")) == 2


def test_an_unfinished_bundle_is_removed(run: Path, resume: Command) -> None:
    (run / ".bundle.1234.old").mkdir()
    assert resume("resume=run").code == 0
    assert not list(run.glob(".bundle.*"))


def test_a_broken_checkpoint_is_skipped_with_a_warning(run: Path, resume: Command) -> None:
    older, newer = find_resume_checkpoints(run / "checkpoints")
    newer.file.write_bytes(newer.file.read_bytes()[:-5000])
    refused(resume(f"resume={newer.file}"), rf"{newer.file.name}: broken, or not of this model \(")
    outcome = resume("resume=run")
    assert outcome.code == 0, outcome.err
    assert re.search(rf"{newer.file.name}: broken, .*; trying the checkpoint before it", outcome.out)
    assert f"Resuming after step {older.step}" in outcome.out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"format": 1},
            rf"written by another version of halo \(format 1, this version reads {RESUME_FORMAT}\); start a new",
        ),
        ({"text": "other"}, r"the text, or how this version of halo prepares it, has changed since; restore the text"),
        (None, r"not a resume checkpoint of halo\.train"),
    ],
)
def test_a_checkpoint_that_does_not_belong_here_is_rejected(
    run: Path, resume: Command, change: dict[str, object] | None, message: str
) -> None:
    checkpoint = find_resume_checkpoints(run / "checkpoints")[-1].file
    saved = torch.load(checkpoint, weights_only=True)
    torch.save({} if change is None else {**saved, "resume": {**saved["resume"], **change}}, checkpoint)
    refused(resume(f"resume={checkpoint}"), message)


def test_resuming_from_an_older_checkpoint_removes_later_ones(run: Path, resume: Command) -> None:
    older, newer = find_resume_checkpoints(run / "checkpoints")
    newer.file.with_name("resume-99999999.ckpt").write_bytes(b"of another future")
    assert resume(f"resume={older.file}").code == 0
    assert [checkpoint.step for checkpoint in find_resume_checkpoints(run / "checkpoints")] == [older.step, newer.step]


def test_a_run_that_was_moved_keeps_its_best_checkpoint(run: Path, resume: Command) -> None:
    run.rename(run.with_name("moved"))
    outcome = resume("resume=moved")
    assert outcome.code == 0, outcome.err
    metrics = json.loads(run.with_name("moved").joinpath("metrics.json").read_text())
    assert metrics["chosen_weights"].startswith("best by val/nll")
    assert not run.exists()

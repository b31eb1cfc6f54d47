"""A run that was stopped goes on as if nothing had happened, or says in one line why it cannot."""

import contextlib
import json
import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

from halo.training.resume.resume_checkpoints import find_resume_checkpoints, redistribute_streams
from tests.conftest import Outcome
from tests.support.killing import EVERY_20, train_in_child
from tests.support.same_runs import differences

Command = Callable[..., Outcome]

KINDS = {
    "lstm": ["model.dropout_weights=0.2", "averaging=ema"],
    "awd_lstm": [
        *("model=awd_lstm", "model.last_hidden=8", "model.layers=2", "data.variable_sequence_length=true", "optim=sgd"),
        *("optim.lr=20", "schedule=constant", "averaging=nt_asgd", "averaging.patience=0"),
        *("trainer.val_check_interval=0.3", "callbacks.early_stopping.patience=50"),
    ],
    "transformer": ["model=transformer", "model.heads=2", "model.context=20", "schedule=plateau"],
}


def settings(tiny: list[str], kind: str, folder: str) -> list[str]:
    return [*tiny, *EVERY_20, *KINDS[kind], f"run_dir={folder}", "data.cache_dir=cache"]


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        ("lstm", ["step:47", "checkpoint:3", "validation:2", "measuring:1"]),
        ("awd_lstm", ["step:47", "validation:2"]),
        ("transformer", ["step:47", "measuring:1"]),
    ],
)
def test_a_killed_run_ends_as_if_nothing_had_happened(
    kind: str, moments: list[str], tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, killed = settings(tiny, kind, "whole"), [*settings(tiny, kind, "killed"), "resume=auto"]
    assert train_in_child(whole) == 0
    for moment in moments:
        assert train_in_child(killed, kill_at=moment) == -signal.SIGKILL, Path("printed.txt").read_text()[-2000:]
    assert train_in_child(killed) == 0
    assert "Resuming after step 40" in Path("printed.txt").read_text()
    assert differences(Path("whole"), Path("killed")) == []
    assert len(find_resume_checkpoints(Path("killed/checkpoints"))) == 2
    assert not list(Path("killed/checkpoints").glob(".*"))


# What is gone on with, and what is refused


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory, tiny: list[str]) -> Path:
    """The folder that a run was started in, which was killed once it had learnt all; its own folder is `run`."""
    folder = tmp_path_factory.mktemp("killed")
    with contextlib.chdir(folder):
        arguments = [*tiny, *EVERY_20, "run_dir=run", "data.cache_dir=cache"]
        assert train_in_child(arguments, kill_at="measuring:1") == -signal.SIGKILL
    return folder


@pytest.fixture
def run(killed: Path, tmp_path: Path) -> Path:
    """A copy of that run, in the folder in which the test's commands are started."""
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


def refused(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    (line,) = outcome.err.strip().splitlines()
    assert re.search(message, line), line


@pytest.fixture
def go_on(command: Command, tiny: list[str]) -> Command:
    """Goes on with `run`: `go_on("resume=run", "model.hidden=5")`."""
    return lambda *changes: command("train", *tiny, *EVERY_20, "data.cache_dir=cache", *changes)


def test_a_longer_run_goes_on_in_the_same_folder(run: Path, go_on: Command) -> None:
    outcome = go_on("resume=run", "trainer.max_epochs=3", "logger=csv", "samples.prompts=[]")
    assert outcome.code == 0, outcome.err
    assert not list(run.parent.glob("outputs/train/*/*/config.yaml"))
    assert yaml.safe_load((run / "config.yaml").read_text())["trainer"]["max_epochs"] == 3
    assert "epoch 3/3" in outcome.out
    assert "epoch 1/3" not in outcome.out


def test_other_settings_are_refused_by_name(run: Path, go_on: Command) -> None:
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    refused(
        go_on("resume=run", "model.hidden=20", "optim.lr=1e-3", "trainer.max_epochs=4"),
        r"^error: resume: model\.hidden=20 \(was 16\), optim\.lr=0\.001 \(was 0\.006\): set as the run was begun; only "
        r"these may change: trainer\.max_epochs, .*logger",
    )
    assert before == {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere", r"resume=nowhere: no such file or folder; give a run folder"),
        ("run/checkpoints/best.ckpt", r"resume=run/checkpoints/best\.ckpt: not a point to go on from"),
        ("cache", r"resume=cache: no run of halo\.train in that folder"),
        ("auto", r"resume=auto: name the folder that stays the same with run_dir=FOLDER"),
    ],
)
def test_what_is_no_run_is_refused(run: Path, go_on: Command, place: str, message: str) -> None:
    refused(go_on(f"resume={place}"), message)


def test_a_run_goes_on_in_its_own_folder(run: Path, go_on: Command) -> None:
    refused(
        go_on("resume=run", "run_dir=other"), r"run_dir=other: a run goes on in its own folder, run; leave run_dir out"
    )


def test_a_run_that_was_stopped_before_its_first_point(run: Path, go_on: Command) -> None:
    for point in find_resume_checkpoints(run / "checkpoints"):
        point.file.unlink()
    refused(go_on("resume=run"), r"resume=run: the run was stopped before its first point; start it anew")


def test_a_finished_run_without_points_is_not_begun_anew(run: Path, go_on: Command) -> None:
    for point in find_resume_checkpoints(run / "checkpoints"):
        point.file.unlink()
    (run / "bundle").mkdir()
    refused(go_on("run_dir=run", "resume=auto"), r"resume=auto: run holds a finished run without points; name another")
    assert (run / "csv" / "metrics.csv").exists()


def test_where_no_point_is_whole_nothing_is_begun_anew(run: Path, go_on: Command) -> None:
    for point in find_resume_checkpoints(run / "checkpoints"):
        point.file.write_bytes(b"broken")
    refused(
        go_on("run_dir=run", "resume=auto"), r"resume=auto: no point in run is whole; start the run anew in another"
    )
    assert len(find_resume_checkpoints(run / "checkpoints")) == 2


def test_what_a_kill_left_of_a_bundle_goes(run: Path, go_on: Command) -> None:
    (run / ".bundle.1234.old").mkdir()
    assert go_on("resume=run").code == 0
    assert not list(run.glob(".bundle.*"))


def test_a_broken_point_is_passed_over_and_said_to_be(run: Path, go_on: Command) -> None:
    older, newer = find_resume_checkpoints(run / "checkpoints")
    newer.file.write_bytes(newer.file.read_bytes()[:-5000])
    refused(go_on(f"resume={newer.file}"), rf"{newer.file.name}: broken, or not of this model \(")
    outcome = go_on("resume=run")
    assert outcome.code == 0, outcome.err
    assert re.search(rf"{newer.file.name}: broken, .*; the point before it is tried", outcome.out)
    assert f"Resuming after step {older.step}" in outcome.out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, r"of another version of halo \(format 2, this one reads 1\)"),
        ({"text": "other"}, r"its text, or how this version of halo prepares it, has changed since; put back the text"),
        (None, r"not a point that halo\.train wrote"),
    ],
)
def test_a_point_that_does_not_fit(run: Path, go_on: Command, change: dict[str, object] | None, message: str) -> None:
    point = find_resume_checkpoints(run / "checkpoints")[-1].file
    saved = torch.load(point, weights_only=True)
    torch.save({} if change is None else {**saved, "resume": {**saved["resume"], **change}}, point)
    refused(go_on(f"resume={point}"), message)


def test_points_are_in_the_order_of_their_steps_whatever_the_clock_said(run: Path) -> None:
    older, newer = find_resume_checkpoints(run / "checkpoints")
    os.utime(newer.file, (0, 0))
    assert find_resume_checkpoints(run / "checkpoints") == [older, newer]


def test_from_an_older_point_later_ones_go(run: Path, go_on: Command) -> None:
    older, newer = find_resume_checkpoints(run / "checkpoints")
    newer.file.with_name("resume-99999999.ckpt").write_bytes(b"of another future")
    assert go_on(f"resume={older.file}").code == 0
    assert [point.step for point in find_resume_checkpoints(run / "checkpoints")] == [older.step, newer.step]


def test_a_run_that_was_moved_keeps_its_best_checkpoint(run: Path, go_on: Command) -> None:
    run.rename(run.with_name("moved"))
    outcome = go_on("resume=moved")
    assert outcome.code == 0, outcome.err
    metrics = json.loads(run.with_name("moved").joinpath("metrics.json").read_text())
    assert metrics["chosen_weights"].startswith("best by val/nll")
    assert not run.exists()


def test_several_seeds_go_on(command: Command, tiny: list[str], tmp_path: Path) -> None:
    arguments = [
        *tiny,
        *EVERY_20,
        "data.cache_dir=cache",
        "run_dir=run",
        "trainer.max_epochs=1",
        "seeds=2",
        "resume=auto",
    ]
    assert train_in_child(arguments, kill_at="step:30") == -signal.SIGKILL
    outcome = command("train", *arguments)
    assert outcome.code == 0, outcome.err
    assert "Resuming after step 20, from run/seed_1" in outcome.out
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["seeds"].keys() == {"1", "2"}


def test_streams_are_shared_out_anew_in_their_order() -> None:
    def carry_state(*streams: int) -> dict[str, object]:
        return {"state": [(torch.tensor(streams),)], "total_nll": float(len(streams)), "num_tokens": len(streams)}

    two = [carry_state(0, 1, 2), carry_state(3, 4)]
    alone = redistribute_streams(two, size=1, rank=0)
    assert (alone["state"][0][0].tolist(), alone["total_nll"], alone["num_tokens"]) == ([0, 1, 2, 3, 4], 5.0, 5)
    three = [redistribute_streams(two, size=3, rank=rank) for rank in range(3)]
    assert [each["state"][0][0].tolist() for each in three] == [[0, 1], [2, 3], [4]]
    assert [each["num_tokens"] for each in three] == [5, 0, 0]
    assert redistribute_streams(two, size=2, rank=1) is two[1]
    fresh = redistribute_streams([{"state": None, "total_nll": 0.0, "num_tokens": 0}] * 2, size=1, rank=0)
    assert fresh["state"] is None

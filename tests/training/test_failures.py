"""Failures of the machine during a run: full or read-only disks, no memory, a killed process, two runs at once."""

import os
import re
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from halo.training.resume.checkpoint_files import find_resume_checkpoints
from tests.conftest import EXHAUSTIVE, Outcome
from tests.support.killing import start, wait_for

Command = Callable[..., Outcome]


def stopped(outcome: Outcome, message: str, *, status: int = 1) -> None:
    """Asserts an exit status and one line that matches."""
    assert outcome.code == status, outcome.err
    lines = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, outcome.err
    assert re.search(message, lines[0]), lines[0]
    assert "Traceback" not in outcome.out + outcome.err


@pytest.mark.parametrize("kilobytes", [120, *(pytest.param(size, marks=EXHAUSTIVE) for size in (60, 400, 1200))])
def test_a_full_disk_is_reported_in_one_line_and_the_run_resumes_once_there_is_space(
    command: Command, tiny: list[str], small_disk: Callable[[str], Path], kilobytes: int
) -> None:
    disk = small_disk(f"size={kilobytes}k")
    arguments = [*tiny, f"run_dir={disk}/run", "callbacks.resume.every_n_steps=20", "resume=auto"]
    outcome = command("train", *arguments)
    stopped(outcome, r"/run.*: cannot be written \(No space left on device\); free some space, then", status=75)
    small_disk("size=50m")
    again = command("train", *arguments)
    assert again.code == 0, again.err
    assert (disk / "run" / "bundle" / "model.safetensors").exists()
    assert not list(disk.rglob(".*unfinished"))


def test_a_full_folder_for_temporary_files_does_not_matter(
    command: Command, tiny: list[str], small_disk: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = small_disk("size=4k")
    (disk / "full").write_bytes(bytes(4096))
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    outcome = command("train", *tiny, "callbacks.resume.every_n_steps=20", "trainer.max_epochs=1")
    assert outcome.code == 0, outcome.err


def test_a_read_only_folder_is_reported_in_one_line(
    command: Command, tiny: list[str], small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("size=1m")
    small_disk("ro")
    outcome = command("train", *tiny, f"run_dir={disk}/run")
    assert (outcome.code, len(outcome.err.splitlines())) == (2, 1), outcome.err
    assert re.search(r"^error: .*/run: the output folder cannot be written \(Read-only file system\);", outcome.err)


def test_exhausted_memory_is_reported_with_the_settings_to_reduce(
    command: Command, tiny: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
    arguments = [*tiny, "trainer.max_epochs=1", "model.hidden=4000", "trainer.max_steps=5"]
    try:
        resource.setrlimit(resource.RLIMIT_AS, (size + 2**29, before[1]))
        outcome = command("train", *arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    stopped(outcome, r"out of memory; reduce data\.batch_size \(4\), data\.sequence_length \(16\) or the model")


def test_two_runs_in_one_folder_are_refused(command: Command, tiny: list[str], tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / "run").mkdir()
    with FileLock(tmp_path / "run" / ".lock"):
        outcome = command("train", *tiny, "run_dir=run")
    assert outcome.code == 2
    assert outcome.err == "error: run_dir=run: another run is using it; wait, or name another folder\n"
    assert command("train", *tiny, "run_dir=run", "trainer.max_epochs=1").code == 0


@EXHAUSTIVE
@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_when_a_process_dies_the_other_stops_and_the_checkpoint_is_intact(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    monkeypatch.chdir(tmp_path)
    endless = ["trainer=ddp_cpu", "trainer.max_epochs=500", "callbacks.early_stopping.patience=500", "run_dir=run"]
    first = start([*tiny, *endless, "callbacks.resume.every_n_steps=20"])
    wait_for(lambda: len(find_resume_checkpoints(Path("run/checkpoints"))) == 2, first)
    (second,) = Path(f"/proc/{first.pid}/task/{first.pid}/children").read_text(encoding="utf-8").split()
    os.kill(int(second) if rank else first.pid, signal.SIGKILL)
    assert first.wait(timeout=60) != 0
    until = time.monotonic() + 60
    while Path(f"/proc/{second}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{second}").exists()
    assert all(
        torch.load(checkpoint.file, weights_only=True)["resume"]
        for checkpoint in find_resume_checkpoints(Path("run/checkpoints"))
    )

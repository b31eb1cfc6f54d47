"""Starts runs that kill themselves with SIGKILL at a chosen moment, for tests and for benchmarks/resuming.py."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L

from tests.conftest import run_command

KILL = "HALO_KILL"
"""Environment variable, MOMENT:COUNT:MILLISECONDS: kill this long after the COUNT-th occurrence of the moment."""

CALLBACK = "+callbacks.killing._target_=tests.support.killing.Killing"
"""Setting that adds the callback to a run; uninterrupted runs have it too, so that the settings are the same."""

EVERY_20 = [CALLBACK, "callbacks.resume.every_n_steps=20", "trainer.log_every_n_steps=5"]
"""Settings with the callback and a resume checkpoint every twenty steps."""


class Killing(L.Callback):
    """Kills all processes of a run at the moment named in the environment, if any.

    Moments: `start`, before the text is prepared; `step`, at the start of a training step; `validation`, at the start
    of a validation step; `checkpoint`, before a checkpoint is written; `measuring`, after training.
    """

    def __init__(self) -> None:
        self.moment, count, milliseconds = [*os.environ.get(KILL, "").split(":"), "0", "0"][:3]
        self.remaining, self.seconds = int(count), float(milliseconds) / 1000
        self._reach("start")

    def _reach(self, moment: str) -> None:
        if moment != self.moment:
            return
        self.remaining -= 1
        if self.remaining == 0:
            if self.seconds:
                threading.Timer(self.seconds, kill).start()
            else:
                kill()

    def on_train_batch_start(self, *_: Any) -> None:
        self._reach("step")

    def on_validation_batch_start(self, *_: Any) -> None:
        self._reach("validation")

    def on_save_checkpoint(self, *_: Any) -> None:
        self._reach("checkpoint")

    def on_fit_end(self, *_: Any) -> None:
        self._reach("measuring")


def kill() -> None:
    if os.environ.get("LOCAL_RANK", "0") == "0":
        os.killpg(os.getpgid(0), signal.SIGKILL)


def train_in_child(arguments: list[str], *, kill_at: str = "") -> int | None:
    """Trains in a child process that has everything imported, and returns its exit status; -9 if killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "halo.runs.fit"])
    child = context.Process(target=_train, args=(arguments, kill_at, str(Path.cwd())))
    child.start()
    child.join()
    return child.exitcode


def _train(arguments: list[str], kill_at: str, folder: str) -> None:
    os.setpgid(0, 0)
    os.environ[KILL] = kill_at
    with contextlib.chdir(folder), Path("printed.txt").open("a", encoding="utf-8") as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        code = run_command("train", arguments)
    os._exit(code)


def start(arguments: list[str], **environment: str) -> "subprocess.Popen[str]":
    """Starts the command in a new process group."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "halo.train", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[str]", seconds: float = 60) -> None:
    """Waits for a condition; fails if the process ends first, or if it takes too long."""
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until, f"not within {seconds:g} seconds"
        time.sleep(0.02)

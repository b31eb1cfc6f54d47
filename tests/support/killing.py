"""Runs that kill themselves with SIGKILL at a moment of choice, for tests and for benchmarks/resuming.py."""

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
"""In the environment: MOMENT:COUNT:MILLISECONDS, killed so long after the moment has come for the COUNT-th time."""

CALLBACK = "+callbacks.killing._target_=tests.support.killing.Killing"
"""The setting that brings the callback into a run; the same whether it is killed or not."""

EVERY_20 = [CALLBACK, "callbacks.resume.every_n_steps=20", "trainer.log_every_n_steps=5"]
"""With it, a point every twenty steps."""


class Killing(L.Callback):
    """Kills its process, and all that train with it, at the moment that the environment names, if it names one.

    Moments: `start`, before the text is prepared; `step`, a training step begins; `validation`, a window of it begins;
    `checkpoint`, one is about to be written; `measuring`, all is learnt.
    """

    def __init__(self) -> None:
        self.moment, count, milliseconds = [*os.environ.get(KILL, "").split(":"), "0", "0"][:3]
        self.left, self.seconds = int(count), float(milliseconds) / 1000
        self._comes("start")

    def _comes(self, moment: str) -> None:
        if moment != self.moment:
            return
        self.left -= 1
        if self.left == 0:
            if self.seconds:
                threading.Timer(self.seconds, kill).start()
            else:
                kill()

    def on_train_batch_start(self, *_: Any) -> None:
        self._comes("step")

    def on_validation_batch_start(self, *_: Any) -> None:
        self._comes("validation")

    def on_save_checkpoint(self, *_: Any) -> None:
        self._comes("checkpoint")

    def on_fit_end(self, *_: Any) -> None:
        self._comes("measuring")


def kill() -> None:
    if os.environ.get("LOCAL_RANK", "0") == "0":
        os.killpg(os.getpgid(0), signal.SIGKILL)


def train_in_child(arguments: list[str], *, kill_at: str = "") -> int | None:
    """Trains in a process of its own, which has all imported already, and returns its exit code; -9 where killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "halo.runs.fit"])
    child = context.Process(target=_train, args=(arguments, kill_at, str(Path.cwd())))
    child.start()
    child.join()
    return child.exitcode


def _train(arguments: list[str], kill_at: str, folder: str) -> None:
    os.setpgid(0, 0)
    os.environ[KILL] = kill_at
    with contextlib.chdir(folder), Path("printed.txt").open("a") as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        code = run_command("train", arguments)
    os._exit(code)


def start(arguments: list[str], **environment: str) -> "subprocess.Popen[str]":
    """Starts the real command, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "halo.train", *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[str]", seconds: float = 60) -> None:
    """Waits for what a process does; the test fails where it ends, or takes too long."""
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)

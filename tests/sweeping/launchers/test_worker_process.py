"""Tests of the process of a worker: its status, and that it ends in order when it is told to."""

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from halo.sweeping.launchers.worker_process import WorkerProcess

WAITS = """\
import signal, sys, time
def stop(*_):
    time.sleep(0.1)
    print("checkpoint", flush=True)
    sys.exit(143)
signal.signal(signal.SIGTERM, stop)
print("started", flush=True)
time.sleep(60)
"""
"""A worker that needs a moment to stop."""


def wait_for_text(file: Path, text: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not file.exists() or text not in file.read_text(encoding="utf-8"):
        assert time.monotonic() < until, f"no {text} within {seconds:g} seconds"
        time.sleep(0.02)


def interrupt_after_start(log: Path) -> None:
    wait_for_text(log, "started", 60)
    signal.raise_signal(signal.SIGINT)


def test_the_command_is_run_in_its_folder_and_its_status_returned(tmp_path: Path) -> None:
    command = ["-c", "import pathlib, sys; pathlib.Path('here').touch(); print('printed'); sys.exit(3)"]
    with (tmp_path / "log").open("w") as output:
        assert WorkerProcess(command, tmp_path).run(output) == 3
    assert (tmp_path / "here").exists()
    assert (tmp_path / "log").read_text() == "printed\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_signal_handler_can_stop_it_and_wait(tmp_path: Path) -> None:
    log = tmp_path / "log"
    worker = WorkerProcess(["-c", WAITS], tmp_path)

    def interrupt() -> None:
        wait_for_text(log, "started")
        signal.raise_signal(signal.SIGUSR2)

    before = signal.signal(signal.SIGUSR2, lambda *_: worker.stop())
    thread = threading.Thread(target=interrupt)
    try:
        with log.open("w") as output:
            thread.start()
            assert worker.run(output) == 143
    finally:
        thread.join()
        signal.signal(signal.SIGUSR2, before)
    assert log.read_text() == "started\ncheckpoint\n"
    worker.stop()  # has no effect any more


def test_an_interrupt_stops_it_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    thread = threading.Thread(target=interrupt_after_start, args=(log,))
    thread.start()
    with log.open("w") as output, pytest.raises(KeyboardInterrupt):
        WorkerProcess(["-c", WAITS], tmp_path).run(output)
    thread.join()
    assert log.read_text() == "started\ncheckpoint\n"

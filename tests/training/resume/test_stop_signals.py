"""Signals are recorded once, and have their usual effect before, afterwards and the second time."""

import os
import signal

import pytest

from halo.training.resume.stop_signals import StopSignals, requeue, slurm_job


def test_a_second_interrupt_does_not_wait() -> None:
    signals = StopSignals()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with signals.restored():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # as Lightning does
            signals.listen()
            os.kill(os.getpid(), signal.SIGINT)
            assert signals.received == signal.SIGINT
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_without_scontrol_a_job_is_not_requeued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert requeue("4711") == "was not requeued: scontrol: No such file or directory"


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    signals = StopSignals()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals.restored():
            signals.listen()
            os.kill(os.getpid(), signal.SIGINT)
            assert signals.received is None
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_job_of_an_array_is_named_with_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"):
        monkeypatch.delenv(name, raising=False)
    assert slurm_job() is None
    monkeypatch.setenv("SLURM_JOB_ID", "4712")
    assert slurm_job() == "4712"
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "4711")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    assert slurm_job() == "4711_3"

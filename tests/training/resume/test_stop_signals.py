"""Signals are recorded once, and have their usual effect before, afterwards and the second time."""

import os
import signal
from collections.abc import Iterator

import pytest

from halo.training.resume.stop_signals import REQUESTS, WARNINGS, StopSignals, requeue, slurm_job


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


@pytest.fixture
def as_before() -> Iterator[None]:
    numbers = [signal.Signals[name] for name in (*REQUESTS, *WARNINGS)]
    before = {number: signal.signal(number, signal.SIG_DFL) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", [*REQUESTS, *WARNINGS])
def test_each_signal_is_recorded_and_has_its_usual_effect_afterwards(name: str, as_before: None) -> None:
    signals, number = StopSignals(), signal.Signals[name]
    with signals.restored():
        signals.listen()
        os.kill(os.getpid(), number)
        assert signals.received == number
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.parametrize("first", ["SIGHUP", "SIGTERM"])
def test_a_closed_terminal_may_send_sighup_again(first: str, as_before: None) -> None:
    signals = StopSignals()
    with signals.restored():
        signals.listen()
        for name in (first, "SIGHUP", "SIGHUP"):
            os.kill(os.getpid(), signal.Signals[name])
        assert signals.received == signal.Signals[first]


@pytest.mark.parametrize("name", [*REQUESTS, *WARNINGS])
def test_each_signal_that_is_ignored_stays_ignored(name: str, as_before: None) -> None:
    signals, number = StopSignals(), signal.Signals[name]
    signal.signal(number, signal.SIG_IGN)  # as nohup does with SIGHUP
    with signals.restored():
        signals.listen()
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        assert signals.received is None


def test_a_handler_that_a_launcher_has_installed_stays(as_before: None) -> None:
    received: list[int] = []
    signal.signal(signal.SIGUSR2, lambda number, _: received.append(number))
    signals = StopSignals()
    with signals.restored():
        signals.listen()
        os.kill(os.getpid(), signal.SIGUSR2)
    assert (received, signals.received) == ([signal.SIGUSR2], None)


def test_a_signal_of_another_process_is_recorded_while_a_run_listens() -> None:
    signals = StopSignals()
    assert not signals.request(signal.SIGTERM)
    with signals.restored():
        assert signals.request(signal.SIGTERM)
        assert signals.request(signal.SIGHUP)
        assert signals.received == signal.SIGTERM
    assert not signals.request(signal.SIGTERM)


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

"""Throughput counts trained tokens and training time, over interruptions too."""

import lightning as L
import pytest

from halo.config import TrainConfig
from halo.training.callbacks import throughput
from halo.training.callbacks.contention import Contention, ContentionMonitor, Interval
from halo.training.callbacks.throughput import Throughput
from tests.support.fitting import Fitted, fit_module


class Clock:
    """A clock that advances by a second each time it is read, and by an hour in validation."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        self.now += 1
        return self.now

    def process_time(self) -> float:
        return 2 * self.now  # two cores


class SlowValidation(L.Callback):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self.clock.now += 3600


def throughput_of(fitted: Fitted) -> Throughput:
    callbacks: list[L.Callback] = fitted.trainer.callbacks  # type: ignore[attr-defined]
    return next(each for each in callbacks if isinstance(each, Throughput))


def test_every_trained_token_is_counted_once_per_epoch(tiny_config: TrainConfig) -> None:
    fitted = fit_module(tiny_config)
    counted = throughput_of(fitted)
    assert counted.tokens_seen == 2 * len(fitted.data.corpus.ids["train"])
    assert counted.tokens_per_second > 0


def test_the_time_of_validations_is_left_out(tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(throughput, "time", clock)
    fitted = fit_module(tiny_config, SlowValidation(clock), val_check_interval=0.5)
    measured = throughput_of(fitted)
    assert 0 < measured.seconds < 10 * fitted.trainer.global_step
    assert measured.minutes > 3 * 60


def test_counts_continue_after_resuming() -> None:
    before = Throughput()
    before.tokens_seen, before.seconds = 1000, 4.0
    after = Throughput()
    after.load_state_dict({**before.state_dict(), "run_seconds": 120.0})
    assert after.tokens_per_second == 250
    assert after.minutes == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(("threads", "remedy"), [(1, False), (2, True)])
def test_a_run_that_other_programs_hold_up_says_so(
    threads: int, remedy: bool, caplog: pytest.LogCaptureFixture
) -> None:
    throughput._report(Contention(slowdown=2.9, cores=1.3, cores_before=1.9), num_threads=threads)
    (message,) = caplog.messages
    assert message.startswith(
        "Other programs need the cores of this run: steps take 2.9 times as long as before (1.3 cores instead of 1.9)"
    )
    assert ("Ctrl-C, then resume with OMP_NUM_THREADS=1" in message) == remedy


def test_every_step_is_part_of_an_interval(tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    intervals: list[Interval] = []
    monkeypatch.setattr(ContentionMonitor, "add", lambda self, interval: intervals.append(interval))
    fitted = fit_module(tiny_config, max_epochs=1, log_every_n_steps=1)
    assert len(intervals) == fitted.trainer.global_step
    assert sum(interval.tokens for interval in intervals) == throughput_of(fitted).tokens_seen
    assert sum(interval.seconds for interval in intervals) == pytest.approx(throughput_of(fitted).seconds)

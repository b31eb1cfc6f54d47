"""Callbacks that cannot work are refused before a run writes anything."""

import re
from typing import Any

import lightning as L
import pytest
from lightning.pytorch.callbacks import (
    BatchSizeFinder,
    EarlyStopping,
    LearningRateFinder,
    LearningRateMonitor,
    ModelCheckpoint,
    OnExceptionCheckpoint,
    StochasticWeightAveraging,
    Timer,
    WeightAveraging,
)
from lightning.pytorch.loggers import CSVLogger

from halo.runtime.errors import InputError
from halo.training.module import LOGGED
from halo.training.supported_callbacks import require_supported


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        ([CSVLogger("x")], r"^callbacks=CSVLogger: not a Lightning callback"),
        ([{}], r"^callbacks=dict: not a Lightning callback"),
        ([LearningRateFinder()], r"^callbacks=LearningRateFinder: cannot be used; use find_lr=true"),
        ([BatchSizeFinder()], r"^callbacks=BatchSizeFinder: cannot be used; set data\.batch_size"),
        ([WeightAveraging()], r"use averaging=ema"),
        ([StochasticWeightAveraging(0.1)], r"use averaging=nt_asgd"),
        ([OnExceptionCheckpoint("x")], r"callbacks\.resume"),
        (
            [EarlyStopping("val_loss")],
            r"^callbacks: EarlyStopping has monitor=val_loss, not logged; use one of val/nll",
        ),
        ([EarlyStopping("val/nll", strict=False), ModelCheckpoint(monitor="val/ppl")], r"ModelCheckpoint .*val/ppl"),
        ([EarlyStopping("diagnosis/clipped")], r"monitor=diagnosis/clipped, not logged"),
        ([EarlyStopping("lr-AdamW/weights")], r"monitor=lr-AdamW/weights, not logged"),
        ([ModelCheckpoint(filename="best-{")], r"^callbacks: filename=best-\{: not a name with \{figures\}"),
        (
            [ModelCheckpoint(filename="best"), ModelCheckpoint(filename="best", every_n_epochs=2)],
            r"^callbacks=best: two ModelCheckpoints write the same files",
        ),
    ],
)
def test_what_cannot_work_is_refused(callbacks: list[Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        require_supported(callbacks, [])
    assert re.search(message, str(raised.value)), raised.value


def test_a_callback_is_no_logger() -> None:
    with pytest.raises(InputError, match=r"^logger=EarlyStopping: not a Lightning logger"):
        require_supported([], [EarlyStopping("val/nll")])  # type: ignore[list-item]


@pytest.mark.parametrize("monitor", LOGGED)
def test_whatever_is_logged_can_be_monitored(monitor: str) -> None:
    require_supported([EarlyStopping(monitor), ModelCheckpoint(monitor=monitor), Timer()], [CSVLogger("x")])


def test_learning_rates_can_be_monitored_where_they_are_logged() -> None:
    require_supported([EarlyStopping("lr-AdamW/weights"), LearningRateMonitor()], [])


def test_a_callback_of_the_users_own_may_log_anything() -> None:
    class Mine(L.Callback): ...

    require_supported([Mine(), EarlyStopping("mine/figure")], [])

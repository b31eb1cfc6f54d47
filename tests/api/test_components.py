"""Callbacks and loggers are made from settings, or the setting that is wrong is named in one line."""

import re
from typing import Any

import pytest
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.callbacks.progress.rich_progress import RichProgressBarTheme

from halo.api.components import make_components
from halo.runtime.errors import InputError

PLACE = "lightning.pytorch.callbacks"


def test_components_are_made_in_order_with_plain_arguments_and_nested_targets() -> None:
    theme = {"_target_": f"{PLACE}.progress.rich_progress.RichProgressBarTheme", "metrics_format": ".2f"}
    group = {
        "early_stopping": {"_target_": f"{PLACE}.EarlyStopping", "monitor": "val/nll", "patience": 7},
        "progress_bar": {"_target_": f"{PLACE}.RichProgressBar", "theme": theme},
    }
    stopping, bar = make_components(group, key="callbacks")
    assert isinstance(stopping, EarlyStopping)
    assert stopping.patience == 7
    assert isinstance(bar.theme, RichProgressBarTheme)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (False, r"^callbacks\.mine=False: needs a _target_, .*; null leaves it out"),
        ("abc", r"^callbacks\.mine=abc: needs a _target_"),
        ({"patience": 3}, r"^callbacks\.mine=.*: needs a _target_"),
        ({"_target_": "no.such.Class"}, r"^callbacks\.mine: no\.such\.Class cannot be constructed .*no\.such"),
        ({"_target_": f"{PLACE}.NoSuch"}, r"^callbacks\.mine: .*NoSuch cannot be constructed"),
        ({"_target_": f"{PLACE}.EarlyStopping"}, r"cannot be constructed \(TypeError: .*'monitor'"),
        (
            {"_target_": f"{PLACE}.EarlyStopping", "monitor": "x", "patience": "abc"},
            r"^callbacks\.mine\.patience=abc: not allowed; .*EarlyStopping accepts int",
        ),
        (
            {"_target_": f"{PLACE}.LearningRateMonitor", "logging_interval": "never"},
            r"^callbacks\.mine\.logging_interval=never: not allowed; .*'step', 'epoch'",
        ),
        (
            {"_target_": f"{PLACE}.ModelCheckpoint", "mode": "least"},
            r"cannot be constructed \(MisconfigurationException: mode can be min, max but got least\)",
        ),
        (
            {"_target_": "halo.training.callbacks.diagnosis.Diagnosis", "every_n_steps": 0},
            r"^callbacks\.diagnosis\.every_n_steps=0: must be at least 1",
        ),
    ],
)
def test_what_cannot_be_made_is_an_input_error(node: Any, message: str) -> None:
    with pytest.raises(InputError) as raised:
        make_components({"mine": node}, key="callbacks")
    assert re.search(message, str(raised.value)), raised.value
    assert "\n" not in str(raised.value)

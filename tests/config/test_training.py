"""Settings of a run that exclude each other."""

from dataclasses import replace

import pytest

from halo.config import AUTO, TrainConfig, parse
from tests.conftest import compose_config


def test_the_learning_rate_finder_takes_one_new_run() -> None:
    config = parse(compose_config("train", ["run_dir=x"]), TrainConfig)
    assert replace(config, find_lr=True).find_lr
    assert replace(config, seeds=3, resume=AUTO).resume == AUTO
    with pytest.raises(ValueError, match="resume=auto: cannot be combined with find_lr=true"):
        replace(config, find_lr=True, resume=AUTO)
    with pytest.raises(ValueError, match="seeds=2: must be 1 with find_lr=true"):
        replace(config, find_lr=True, seeds=2)


@pytest.mark.parametrize(
    ("overrides", "callbacks", "loggers"),
    [
        (["callbacks.early_stopping=null"], {"checkpoint", "resume", "learning_rate", "diagnosis", "progress_bar"}, 2),
        (["callbacks=none", "logger.csv=null"], set(), 1),
        (["~callbacks", "~logger"], set(), 0),
        (["callbacks=none", "logger.csv=null", "logger.tensorboard=null"], set(), 0),
    ],
)
def test_null_switches_a_callback_or_logger_off(overrides: list[str], callbacks: set[str], loggers: int) -> None:
    config = parse(compose_config("train", ["run_dir=x", *overrides]), TrainConfig)
    assert {*config.callbacks} == callbacks
    assert len(config.logger) == loggers


def test_null_switches_the_whole_group_off() -> None:
    composed = compose_config("train", ["run_dir=x"])
    composed.callbacks = composed.logger = None
    config = parse(composed, TrainConfig)
    assert (config.callbacks, config.logger) == ({}, {})


def test_all_seeds_are_below_their_limit() -> None:
    config = parse(compose_config("train", ["run_dir=x"]), TrainConfig)
    assert replace(config, seed=2**32 - 2, seeds=2).seeds == 2
    with pytest.raises(ValueError, match="seeds=3: must be at most 2"):
        replace(config, seed=2**32 - 2, seeds=3)

"""Settings of a run that exclude each other, and of sampling."""

from dataclasses import replace
from typing import Any

import pytest

from halo.config import AUTO, TrainConfig, default_sampling, parse, plain
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def test_the_learning_rate_finder_takes_one_new_run() -> None:
    config = parse(compose_config("train", ["run_dir=x"]), TrainConfig)
    assert replace(config, find_lr=True).find_lr
    assert replace(config, seeds=3, resume=AUTO).resume == AUTO
    with pytest.raises(ValueError, match="resume=auto: cannot be combined with find_lr=true"):
        replace(config, find_lr=True, resume=AUTO)
    with pytest.raises(ValueError, match="seeds=2: must be 1 with find_lr=true"):
        replace(config, find_lr=True, seeds=2)


def test_an_adaptive_softmax_is_not_sharded() -> None:
    clusters = ["run_dir=x", "model.adaptive_cutoffs=[100]", "model.tied=false"]
    assert parse(compose_config("train", clusters), TrainConfig).trainer["strategy"] == "auto"
    with pytest.raises(InputError, match=r"model.adaptive_cutoffs=\[100\]: must be null with trainer.strategy=fsdp"):
        parse(compose_config("train", [*clusters, "trainer=fsdp"]), TrainConfig)


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


def test_the_defaults_of_sampling_are_those_of_the_command() -> None:
    composed = compose_config("generate", ["run=x", "prompt=the"])
    assert plain(default_sampling()) == {name: composed[name] for name in plain(default_sampling())}


@pytest.mark.parametrize(
    "change",
    [
        *({"num_words": 0}, {"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"min_p": -0.1}),
        *({"min_p": 1.5}, {"typical_p": 0}, {"repetition_penalty": 0.5}, {"no_repeat_ngram": -1}, {"beam": 2}),
        *({"temperature": float("nan")}, {"seed": -1}, {"top_k": 1.5}),
    ],
)
def test_sampling_settings_outside_their_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(change))) as caught:
        default_sampling(**change)
    assert len(str(caught.value).splitlines()) == 1

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


def test_all_seeds_are_below_their_limit() -> None:
    config = parse(compose_config("train", ["run_dir=x"]), TrainConfig)
    assert replace(config, seed=2**32 - 2, seeds=2).seeds == 2
    with pytest.raises(ValueError, match="seeds=3: must be at most 2"):
        replace(config, seed=2**32 - 2, seeds=3)

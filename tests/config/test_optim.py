"""Optimizers, schedules and averages by name."""

import pytest

from halo.config import TrainConfig, parse
from halo.config.optim import AdamWConfig, ConstantConfig, EMAConfig, NoAveragingConfig, OneCycleConfig, SGDConfig
from tests.conftest import compose_config


@pytest.mark.parametrize(
    ("overrides", "classes"),
    [
        ([], (AdamWConfig, OneCycleConfig, NoAveragingConfig)),
        (["optim=sgd", "schedule=constant", "averaging=ema"], (SGDConfig, ConstantConfig, EMAConfig)),
    ],
)
def test_the_name_selects_the_class(overrides: list[str], classes: tuple[type, ...]) -> None:
    config = parse(compose_config("train", ["run_dir=x", *overrides]), TrainConfig)
    assert (type(config.optim), type(config.schedule), type(config.averaging)) == classes


def test_rates_are_floats_even_if_given_as_integers() -> None:
    config = SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0)
    assert isinstance(config.lr, float)
    with pytest.raises(ValueError, match="momentum"):
        SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=1)

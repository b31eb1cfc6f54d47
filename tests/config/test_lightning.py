"""Settings that are passed to Lightning are described, all arguments of its classes."""

import inspect
from importlib import import_module
from typing import Any

import lightning as L
import pytest

from halo.config.lightning import CALLBACKS, LOGGERS, RESERVED, TRAINER
from tests.conftest import compose_config


def test_every_argument_of_the_trainer_is_described_or_reserved() -> None:
    arguments = set(inspect.signature(L.Trainer).parameters)
    assert arguments == TRAINER.keys() | RESERVED.keys()
    assert not TRAINER.keys() & RESERVED.keys()
    assert set(compose_config("train", []).trainer) <= TRAINER.keys()


COMPONENTS = [("callbacks", name) for name in CALLBACKS] + [("logger", name) for name in LOGGERS]


@pytest.mark.parametrize(("group", "name"), COMPONENTS)
def test_every_argument_of_a_callback_or_logger_is_described(group: str, name: str) -> None:
    composed: Any = compose_config("train", [])[group][name]
    module, _, class_name = composed._target_.rpartition(".")
    parameters = inspect.signature(getattr(import_module(module), class_name)).parameters.values()
    named = {each.name for each in parameters if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)}
    described = {"callbacks": CALLBACKS, "logger": LOGGERS}[group][name]["properties"]
    assert described.keys() == {"_target_", *named}


def test_every_composed_callback_and_logger_is_described() -> None:
    composed = compose_config("train", [])
    assert set(composed.callbacks) == CALLBACKS.keys()
    assert set(composed.logger) == LOGGERS.keys()

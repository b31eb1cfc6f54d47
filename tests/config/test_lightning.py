"""Settings that are passed to Lightning are described, all arguments of its classes."""

import inspect
from importlib import import_module
from typing import Any

import lightning as L
import pytest

from halo.config import conf_dir
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
    chosen = [f"logger={name}"] if group == "logger" else []
    composed: Any = compose_config("train", chosen)[group][name]
    module, _, class_name = composed._target_.rpartition(".")
    kind = getattr(import_module(module), class_name)
    described = {"callbacks": CALLBACKS, "logger": LOGGERS}[group][name]["properties"]
    if not any(each.kind == each.VAR_KEYWORD for each in inspect.signature(kind).parameters.values()):
        assert described.keys() == {"_target_", *parameters_of(kind)}
        return
    passed_on = parameters_of(*kind.__mro__[:-1], *([import_module("wandb").init] if name == "wandb" else []))
    assert set(composed) <= described.keys() <= {"_target_", *passed_on}


def parameters_of(*functions: Any) -> set[str]:
    """Returns the names of the parameters, without those that stand for any others."""
    parameters = [each for function in functions for each in inspect.signature(function).parameters.values()]
    return {each.name for each in parameters if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)}


def test_every_composed_callback_and_logger_is_described() -> None:
    composed = compose_config("train", [])
    assert set(composed.callbacks) == CALLBACKS.keys()
    files = {file.stem for file in (conf_dir() / "logger").glob("*.yaml")} - {"default", "none"}
    assert files == LOGGERS.keys()
    assert set(composed.logger) <= files

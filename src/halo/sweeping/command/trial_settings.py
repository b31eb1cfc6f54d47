"""The settings of trials: those that all share, checked once before the first trial, and the command of each."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf

from halo.api.composing import compose_settings
from halo.cli.arguments import hydra_settings
from halo.cli.error_messages import explain
from halo.cli.known_settings import groups_of
from halo.config import AUTO, TrainConfig, parse
from halo.runtime.errors import InputError, require
from halo.runtime.hydra_quoting import SETTING, repeated_argument, shell_setting
from halo.sweeping.search_space import KEY, Parameter

OWN = {
    "run_dir": "each trial has a folder of its own; name that of the sweep with sweep_dir=FOLDER",
    "resume": "a sweep goes on by itself; repeat its command",
    "find_lr": "a sweep compares trained models; use halo.train",
}
"""Settings of halo.train that a sweep sets itself, and what to do instead."""


@dataclass(frozen=True)
class TrialSettings:
    """The settings of halo.train that all trials of a sweep share.

    Attributes:
        overrides: As on the command line of halo.train.
        config_dir: The folder that `--config-dir` names; None for none.
        config: The composed settings.
    """

    overrides: tuple[str, ...]
    config_dir: str | None
    config: TrainConfig

    def arguments(self, changes: Sequence[str]) -> list[str]:
        """Returns the arguments of halo.train for a trial.

        Args:
            changes: The trial's own settings.
        """
        options = [] if self.config_dir is None else ["--config-dir", self.config_dir]
        return [*options, *self.overrides, *changes]

    def command(self, changes: Sequence[str], run_dir: Path) -> list[str]:
        """Returns the program and arguments that start a trial, or go on with it."""
        places = [f"run_dir={run_dir}", f"resume={AUTO}"]
        return [sys.executable, "-m", "halo.train", *self.arguments(changes), *places]

    def shell_command(self, changes: Sequence[str]) -> str:
        """Returns the command, to paste into a shell, that repeats a trial as a run of its own."""
        options = "" if self.config_dir is None else f" {shell_setting('--config-dir', self.config_dir)}"
        given = [repeated_argument(each) for each in hydra_settings("train", [*self.overrides, *changes])]
        return " ".join([f"python -m halo.train{options}", *given])


def check_trial_settings(
    overrides: Sequence[str], parameters: Sequence[Parameter], *, config_dir: str | None
) -> TrialSettings:
    """Returns the settings that all trials share, after composing and checking them as halo.train does.

    Args:
        overrides: As on the command line of halo.train.
        parameters: The search space. Each of its extreme values is checked with the first values of the others.
        config_dir: The folder that `--config-dir` names; None for none.

    Raises:
        InputError: A setting does not exist, or has a value that is not allowed; or a setting is the sweep's own.
    """
    varied = {each.key for each in parameters}
    for each in overrides:
        match = SETTING.fullmatch(each)
        key = match["key"] if match else each.lstrip("~")
        if key in varied:
            raise InputError(f"{each}: the search space varies {key}; leave it out, or set {KEY}.{key}=null")
        is_off = key == "find_lr" and each.endswith("=false")
        require(key not in OWN or is_off, key, each.partition("=")[2], OWN.get(key, ""))
    for key in varied & {*OWN, "seeds"}:
        raise InputError(f"{KEY}.{key}: cannot be varied; {OWN.get(key, 'vary seed instead')}")
    config = parse(_composed(overrides, config_dir), TrainConfig)
    first = {each.key: each.override(each.extremes()[0]) for each in parameters}
    tree = _tree([*overrides, *first.values()], config_dir)
    for parameter in parameters:
        for value, given in zip(parameter.extremes(), parameter.ends, strict=True):
            if parameter.key in groups_of("train"):
                changes = {**first, parameter.key: parameter.override(value)}
                changed = _tree([*overrides, *changes.values()], config_dir)
            else:
                changed = _with_value(tree, parameter.key.lstrip("+").split("."), given)
            try:
                parse(changed, TrainConfig)
            except InputError as error:
                raise InputError(f"{KEY}.{parameter.key}: {error}") from error
    return TrialSettings(tuple(overrides), config_dir, config)


def _tree(overrides: Sequence[str], config_dir: str | None) -> dict[str, Any]:
    return cast(dict[str, Any], OmegaConf.to_container(_composed(overrides, config_dir), resolve=True))


def _composed(overrides: Sequence[str], config_dir: str | None) -> DictConfig:
    try:
        return compose_settings("train", overrides, config_dir=config_dir, run_dir="RUN")
    except InputError as error:
        cause = error.__cause__
        message = explain(cause, "sweep") if isinstance(cause, Exception) else str(error)
        remedy = f"several values belong into the search space: {KEY}.KEY=[1,2]"
        raise InputError(message.replace("several values; add -m for a sweep", remedy)) from error


def _with_value(tree: Mapping[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    """Returns nested settings with another value of one of them."""
    name, *below = path
    if not below:
        return {**tree, name: value}
    inner = tree.get(name)
    return {**tree, name: _with_value(inner if isinstance(inner, Mapping) else {}, below, value)}

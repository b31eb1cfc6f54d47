"""From composed YAML to checked settings, and back to plain data."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from halo.config.custom import TARGET, CustomConfig
from halo.config.messages import messages
from halo.runtime.errors import InputError

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from omegaconf.errors import OmegaConfBaseException

UNKNOWN_REFERENCE = re.compile(r"Interpolation key '(.*)' not found|Unsupported interpolation type (.*)")
"""OmegaConf's messages about an interpolation that it cannot resolve."""

Schema = TypeVar("Schema")

MISSING = "???"
"""Stands for a required value in the files of conf/, as OmegaConf defines it."""


def parse(composed: "DictConfig | Mapping[str, Any]", schema: type[Schema]) -> Schema:
    """Returns the composed configuration as the settings class `schema`, every value checked.

    Args:
        composed: What Hydra composed, or the same as plain data.
        schema: A settings class, such as `TrainConfig`.

    Raises:
        InputError: Unknown keys, missing or wrong values: one line for each, with the full key, the value and what is
            allowed.
    """
    tree = composed if isinstance(composed, dict) else _resolved(cast("DictConfig", composed))
    try:
        return TypeAdapter(schema).validate_python(_without_missing(tree))
    except ValidationError as error:
        raise InputError("\n".join(messages(error, schema, tree))) from error
    except (OverflowError, RecursionError) as error:
        raise _unreadable(error) from error


def _resolved(composed: "DictConfig") -> dict[str, Any]:
    """Returns plain data, with the values that interpolations refer to."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        return cast(dict[str, Any], OmegaConf.to_container(composed, resolve=True))
    except OmegaConfBaseException as error:
        raise InputError(describe(error)) from error
    except (OverflowError, RecursionError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> InputError:
    problem = "a number has too many digits" if isinstance(error, OverflowError) else "a list is nested too deeply"
    return InputError(f"{problem} ({error}); `--help` shows the allowed values")


def _without_missing(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_missing(value) for key, value in node.items() if value != MISSING}
    return node


def describe(error: "OmegaConfBaseException") -> str:
    """Returns what OmegaConf reports about a setting, in one line with the full key."""
    message = str(error).splitlines()[0].rstrip(".")
    if unknown := UNKNOWN_REFERENCE.fullmatch(message):
        message = f"${{{unknown[1] or unknown[2]}}} refers to no setting or resolver; `--help` lists the settings"
    return f"{error.full_key}: {message}" if error.full_key else message


def plain(config: Any) -> dict[str, Any]:
    """Returns settings as nested dicts and lists of plain values, from which `parse` makes equal settings."""
    return cast(dict[str, Any], _plain(config))


def _plain(value: Any) -> Any:
    if isinstance(value, CustomConfig):
        common = {key: getattr(value, key) for key in value.common_settings()}
        return {TARGET: value.target, **common, **_plain(value.arguments)}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def conf_dir() -> Path:
    """Returns the folder of the YAML files: inside the installed package, or `conf/` of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "conf"
    return installed if installed.is_dir() else package.parents[1] / "conf"


def default_cache_dir() -> str:
    """Returns the folder in which `halo.evaluate` looks for prepared texts unless it is told another."""
    return str(command_defaults("evaluate")["cache_dir"])


def command_defaults(command: str) -> dict[str, Any]:
    """Returns the defaults of a command whose settings have no groups, as they stand in its file of conf/.

    >>> command_defaults("generate")["num_samples"]
    1
    """
    settings = yaml.safe_load((conf_dir() / f"{command}.yaml").read_text(encoding="utf-8"))
    return {name: value for name, value in settings.items() if name not in ("defaults", "hydra")}

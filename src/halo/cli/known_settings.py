"""The settings that a command has, to suggest the nearest one for a misspelt name."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from halo.config import conf_dir

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, where PyYAML has it, is faster


def suggestion(command: str, key: str) -> str:
    """Returns a hint for a setting that a command does not have.

    Args:
        command: A command's name, such as `train`.
        key: The full dotted name of the unknown setting.

    >>> suggestion("train", "model.hiden")
    'did you mean model.hidden?'
    >>> suggestion("generate", "model.hiden")
    '`--help` lists the settings'
    """
    near = difflib.get_close_matches(key, sorted(known_settings(command)), n=1)
    return f"did you mean {near[0]}?" if near else "`--help` lists the settings"


def known_settings(command: str) -> set[str]:
    """Returns the full names of a command's settings and groups of settings, those of every choice of a group."""
    main = _read(conf_dir() / f"{command}.yaml")
    keys = {*_names(main, "")}
    groups = [group for entry in main.get("defaults", []) if isinstance(entry, dict) for group in entry]
    for group in groups:
        for file in (conf_dir() / group).glob("*.yaml"):
            is_global = file.read_text(encoding="utf-8").startswith("# @package _global_")
            keys |= {group, *_names(_read(file), "" if is_global else f"{group}.")}
    return keys


def _read(file: Path) -> dict[str, Any]:
    settings = yaml.load(file.read_text(encoding="utf-8"), Loader=YAML_LOADER)
    return settings if isinstance(settings, dict) else {}


def _names(settings: dict[str, Any], prefix: str) -> Iterator[str]:
    """Returns the dotted names in nested settings, without those that only Hydra reads."""
    for name, value in settings.items():
        if not prefix and name in ("defaults", "hydra"):
            continue
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _names(value, f"{prefix}{name}.")

"""The names of all settings of a command."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from halo.config import conf_dir, lightning_settings

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, where PyYAML has it, is faster


TRAINING_COMMANDS = ("train", "classify")
"""Commands that pass arguments on to Lightning."""

PASSED_ON = {"sweep": "train"}
"""Commands that pass settings on to another one."""


def known_settings(command: str) -> set[str]:
    """Returns the full names of a command's settings and groups of settings, those of every choice of a group.

    >>> sorted(each for each in known_settings("generate") if each.startswith("num_"))
    ['num_samples', 'num_words']
    """
    passed_on = known_settings(PASSED_ON[command]) if command in PASSED_ON else set()
    return (
        settings_in_files(command).keys()
        | passed_on
        | (lightning_settings() if command in ("train", "classify") else set())
    )


def groups_of(command: str) -> set[str]:
    """Returns the groups that a command chooses files from.

    >>> groups_of("prepare")
    {'data'}
    """
    entries = _read(conf_dir() / f"{command}.yaml").get("defaults", [])
    groups = {group for entry in entries if isinstance(entry, dict) for group in entry}
    return {group for group in groups if not group.startswith("override ")}


@cache
def settings_in_files(command: str) -> dict[str, list[str]]:
    """Returns the settings that stand in the files of conf/, each with the choices that bring it: `model=lstm`.

    A setting that does not depend on a choice has none.
    """
    found: dict[str, list[str]] = {name: [] for name in _names(_read(conf_dir() / f"{command}.yaml"), "")}
    for group in sorted(groups_of(command)):
        found.setdefault(group, [])
        for file in sorted((conf_dir() / group).glob("*.yaml")):
            is_global = file.read_text(encoding="utf-8").startswith("# @package _global_")
            for name in _names(_read(file), "" if is_global else f"{group}."):
                found.setdefault(name, []).append(f"{group}={file.stem}")
    return found


@cache
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

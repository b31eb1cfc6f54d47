"""The names of all settings of a command."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from halo.config import conf_dir

YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, where PyYAML has it, is faster


def known_settings(command: str) -> set[str]:
    """Returns the full names of a command's settings and groups of settings, those of every choice of a group.

    >>> sorted(each for each in known_settings("generate") if each.startswith("num_"))
    ['num_samples', 'num_words']
    """
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

"""The text of `--help`: examples, then every setting with its description and its default, in 80 columns."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import hydra
from omegaconf import OmegaConf

from halo.config import SCHEMAS, Setting, conf_dir, lightning_settings, settings_of, shown
from halo.runtime.hydra_quoting import quote_value

WIDTH = 80
GLOBAL_GROUPS = "experiment", "debug"
"""Groups whose files change settings of all kinds; they have no settings of their own."""


def help_text(name: str, overrides: Sequence[str] = (), *, config_dir: str | None = None) -> str:
    """Returns what `--help` prints for a command.

    Args:
        name: The command, such as `train`.
        overrides: Settings of the command line; they select what is explained: `model=transformer --help`.
        config_dir: A folder with further files of settings.
    """
    search = [] if config_dir is None else [f"hydra.searchpath=[{quote_value(f'file://{Path(config_dir).resolve()}')}]"]
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        composed = hydra.compose(name, overrides=[*search, *overrides], return_hydra_config=True)
    introduction = str(composed.hydra.help.template).strip()
    settings = OmegaConf.masked_copy(composed, [str(key) for key in composed if key != "hydra"])
    tree = cast(dict[str, Any], OmegaConf.to_container(settings))
    chosen = composed.hydra.runtime.choices
    lines = [introduction, "", *_sections(settings_of(SCHEMAS[name], tree), tree, chosen), *_global_groups(chosen)]
    return "\n".join(lines).rstrip()


def _sections(settings: Mapping[str, Setting], tree: Mapping[str, Any], chosen: Mapping[str, Any]) -> Iterator[str]:
    """Yields the settings outside of groups, then group by group, each setting under the heading of its group."""
    top = [each for each in settings.values() if "." not in each.key and not each.is_group]
    if top:
        yield "Settings, given as KEY=VALUE"
        for setting in top:
            yield from _explained(setting, tree)
        yield ""
    groups = [each for each in settings.values() if "." not in each.key and each.is_group]
    for group in groups:
        yield from _group(group, chosen)
        for setting in settings.values():
            if setting.key.startswith(f"{group.key}."):
                yield from _explained(setting, tree)
        yield ""


def _group(group: Setting, chosen: Mapping[str, Any]) -> Iterator[str]:
    yield from _wrapped(f"{group.key}: {group.description}", indent=0)
    if group.key in chosen:
        yield from _wrapped(f"{group.key}={chosen[group.key]}; choices: {', '.join(choices(group.key))}", indent=2)


def _global_groups(chosen: Mapping[str, Any]) -> Iterator[str]:
    for group in GLOBAL_GROUPS:
        if group in chosen:
            for choice in choices(group):
                yield from _wrapped(f"{group}={choice}", indent=0)
                yield from _wrapped(_summary(conf_dir() / group / f"{choice}.yaml"), indent=6)
            yield ""


def choices(group: str) -> list[str]:
    """Returns the names of a group's files: the values of `GROUP=NAME`."""
    return sorted(file.stem for file in (conf_dir() / group).glob("*.yaml"))


def _summary(file: Path) -> str:
    """Returns the comment at the top of a file of conf/."""
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if "@package" not in line and "$schema" not in line:
            lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def _explained(setting: Setting, tree: Mapping[str, Any]) -> Iterator[str]:
    """Yields a setting with its default, and below it the description.

    Yields nothing where the configuration lacks it, unless it is an argument that Lightning has a default for.
    """
    *parents, name = setting.key.split(".")
    node: Any = tree
    for part in parents:
        node = node.get(part) if isinstance(node, Mapping) else None
    if not isinstance(node, Mapping) or (name not in node and setting.key not in lightning_settings()):
        return
    line = setting.key if setting.is_group or name not in node else f"{setting.key}={shown(node[name])}"
    if len(line) > WIDTH - 2 and " " not in line:  # a class's path is not broken within
        line = line.replace("=", "= ", 1)
    yield from _wrapped(line, indent=2)
    yield from _wrapped(setting.description, indent=6)


def _wrapped(text: str, *, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin if indent else "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )

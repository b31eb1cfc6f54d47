"""What the settings of a run change of the defaults in conf/, and the arguments that repeat them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import yaml

from halo.config.custom import TARGET
from halo.config.lightning import lightning_settings
from halo.config.parsing import conf_dir
from halo.runtime.hydra_quoting import argument, is_literal, quote_value, shell_setting

OF_THE_FOLDER = {"run_dir", "resume"}
"""Settings that say where a run is, not what it does."""

ABSENT = object()


class Change(NamedTuple):
    """A setting of a run that differs from its default.

    Attributes:
        key: The full dotted key; that of a group, such as `model`, where another of its files was chosen.
        value: Its value in the run, as plain data; None also for a callback or logger that the run is without.
        default: Its default; None also if there is none.
        is_choice: Whether it is the choice of a group's file.
        is_new: Whether the files of conf/ lack the setting.
    """

    key: str
    value: Any
    default: Any
    is_choice: bool = False
    is_new: bool = False


def find_changes(settings: Mapping[str, Any]) -> list[Change]:
    """Returns the settings of a training run that differ from the defaults, choices of files first.

    A group counts as another choice if one of its files has the `name` that the settings have; the rest of the group is
    compared with that file. A class of the user's own, named by `_target_`, is the choice of its group.

    Args:
        settings: All settings of `halo.train` as plain data, as in config.yaml of a run.
    """
    usual = _usual_choices()
    chosen = {group: _choice(settings.get(group), group, choice) for group, choice in usual.items()}
    choices = [Change(group, chosen[group], usual[group], is_choice=True) for group in usual]
    defaults = _defaults(chosen, settings)
    own_classes = {group for group, choice in chosen.items() if "." in choice}
    names = [name for name in {**settings, **defaults} if name not in OF_THE_FOLDER | own_classes]
    found = (_differences(settings.get(name, ABSENT), defaults.get(name, ABSENT), name) for name in names)
    changed_choices = [each for each in choices if each.value != each.default]
    return [*changed_choices, *(change for changes in found for change in changes)]


def _choice(node: Any, group: str, usual: str) -> str:
    if not isinstance(node, Mapping):
        return usual
    if isinstance(node.get(TARGET), str):
        return str(node[TARGET])
    if not node and "none" in _files(group):
        return "none"
    return str(node.get("name")) if node.get("name") in _files(group) else usual


def _differences(value: Any, default: Any, key: str) -> Iterator[Change]:
    if isinstance(value, Mapping) and (isinstance(default, Mapping) or (default is ABSENT and value)):
        below = default if isinstance(default, Mapping) else {}
        for name in {**below, **value}:
            yield from _differences(value.get(name, ABSENT), below.get(name, ABSENT), f"{key}.{name}")
    elif value is ABSENT:
        if default is not None:
            yield Change(key, None, default.get(TARGET) if isinstance(default, Mapping) else default)
    elif value != default:
        yield Change(key, value, None if default is ABSENT else default, is_new=default is ABSENT)


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns the values of nested settings by their full dotted keys.

    >>> flat({"seed": 1, "data": {"path": None, "table": {"header": True}}, "logger": {}})
    {'seed': 1, 'data.path': None, 'data.table.header': True}
    """
    values: dict[str, Any] = {}
    for name, value in tree.items():
        values |= flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return values


def repeating_arguments(changes: list[Change]) -> list[str] | None:
    r"""Returns the arguments of `python -m halo.train`, quoted for a shell, that give a run with the same settings.

    Args:
        changes: What `find_changes` returned.

    Returns:
        The arguments; None where a group is a class of the user's own, which only its own files of settings name.

    >>> repeating_arguments([Change("model", "gru", "lstm", is_choice=True), Change("data.path", "it's.txt", None)])
    ['model=gru', 'data.path="it\'s.txt"']
    """
    if any(change.is_choice and "." in change.value for change in changes):
        return None
    return [_argument(change) for change in changes]


def _argument(change: Change) -> str:
    key = change.key
    if change.is_new and key not in lightning_settings():
        key = f"+{key}"
    if isinstance(change.value, str) and is_literal(change.key):
        return argument(key, change.value)
    return shell_setting(key, _hydra_value(change.value))


def _hydra_value(value: Any) -> str:
    if isinstance(value, str):
        return quote_value(value)
    if isinstance(value, list):
        return f"[{','.join(map(_hydra_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{quote_value(str(key))}:{_hydra_value(each)}' for key, each in value.items())}}}"
    return "null" if value is None else str(value).lower()


# The files of conf/


def _usual_choices() -> dict[str, str]:
    """Returns the file of each group that conf/train.yaml chooses, without the groups of which none is needed."""
    entries = _read("train.yaml")["defaults"]
    pairs = [pair for entry in entries if isinstance(entry, dict) for pair in entry.items()]
    return {group: str(choice) for group, choice in pairs if choice is not None and not group.startswith("override ")}


def _defaults(chosen: Mapping[str, str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the defaults of a run with these choices, with the values that they refer to.

    Those that refer to other settings of the run, such as `${run_dir}/checkpoints`, follow the run's own.
    """
    from omegaconf import OmegaConf

    tree = {name: node for name, node in _read("train.yaml").items() if name not in ("defaults", "hydra")}
    tree |= {group: _group(group, choice) for group, choice in chosen.items() if "." not in choice}
    composed = OmegaConf.create(tree)
    resolving = OmegaConf.merge(composed, {"run_dir": settings.get("run_dir")})
    defaults: dict[str, Any] = OmegaConf.to_container(resolving, resolve=True)  # type: ignore[assignment]
    return defaults


def _group(group: str, choice: str) -> dict[str, Any]:
    """Returns the settings in a file of a group, with those of the files that it is based on."""
    from omegaconf import OmegaConf

    own = _read(f"{group}/{choice}.yaml")
    bases = [base for base in own.get("defaults", []) if base != "_self_"]
    layers = [_group(group, base) for base in bases]
    merged = OmegaConf.merge(*layers, {name: node for name, node in own.items() if name != "defaults"})
    plain: dict[str, Any] = OmegaConf.to_container(merged)  # type: ignore[assignment]
    return plain


def _files(group: str) -> set[str]:
    return {file.stem for file in (conf_dir() / group).glob("*.yaml")}


@cache
def _read(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, where PyYAML has it, is ten times faster
    content: dict[str, Any] = yaml.load((conf_dir() / name).read_text(encoding="utf-8"), Loader=loader)
    return content

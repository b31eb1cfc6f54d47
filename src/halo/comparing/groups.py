"""Which settings vary among runs, and which runs differ in the seed only."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from halo.config.introspection.short_names import short_names
from halo.config.messages import shown
from halo.runtime.errors import printable

MAX_VALUE = 60  # characters of a value in a label


def settings_key(settings: Mapping[str, Any]) -> str:
    """Returns a key that is the same for the same settings, in any order.

    >>> settings_key({"a": 1, "b": 2.0}) == settings_key({"b": 2.0, "a": 1}) != settings_key({"a": 2, "b": 2.0})
    True
    """
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def varied_keys(settings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns the settings that have several values among those of the runs that have them, in their order.

    A setting that only some runs have, or whose value goes with the `name` of its group, is that of another file of the
    group, which is named already.

    >>> lstm, gru = {"model.name": "lstm", "model.cell": "lstm"}, {"model.name": "gru", "model.cell": "gru"}
    >>> varied_keys([{**lstm, "model.hidden": 8}, {**lstm, "model.hidden": 9}, gru])
    ['model.name', 'model.hidden']
    """
    values: dict[str, set[str]] = {}
    with_name: dict[str, set[tuple[str, str]]] = {}
    for each in settings:
        for key, value in each.items():
            text = json.dumps(value, default=str)
            values.setdefault(key, set()).add(text)
            with_name.setdefault(key, set()).add((str(each.get(_name_key(key))), text))
    varied = [key for key, found in values.items() if len(found) > 1]
    return [key for key in varied if not (_name_key(key) in varied and _follows(with_name[key]))]


def _name_key(key: str) -> str:
    """Returns the setting that names the file of a setting's group; empty for that one, and outside of groups."""
    group, _, rest = key.partition(".")
    return f"{group}.name" if rest and rest != "name" else ""


def _follows(pairs: set[tuple[str, str]]) -> bool:
    return len(pairs) == len({name for name, _ in pairs})


def short_setting_names(keys: Sequence[str]) -> dict[str, str]:
    """Returns short names of settings; the choice of a group's file has the name of the group.

    >>> short_setting_names(["model.name", "optim.lr"])
    {'model.name': 'model', 'optim.lr': 'lr'}
    """
    short = short_names([key.removesuffix(".name") for key in keys])
    return {key: short[key.removesuffix(".name")] for key in keys}


def label_of(settings: Mapping[str, Any], varied: Mapping[str, str]) -> str:
    """Returns the settings that vary, with their short names.

    >>> label_of({"optim.lr": 0.006, "model.tied": True, "seed": 1}, {"optim.lr": "lr", "model.tied": "tied"})
    'lr=0.006 tied=true'
    """
    return " ".join(f"{short}={rounded_text(settings[key])}" for key, short in varied.items() if key in settings)


def rounded_text(value: Any) -> str:
    """Returns the value of a setting as tables and sentences have it: a number with four digits.

    >>> rounded_text(0.014857401795810543), rounded_text(256), rounded_text("gru")
    ('0.01486', '256', 'gru')
    """
    return f"{value:.4g}" if isinstance(value, float) else value_text(value)


def value_text(value: Any) -> str:
    r"""Returns the value of a setting in a line, cut if it is long.

    >>> value_text(None), value_text("a\nb"), value_text([1, 2])
    ('null', 'a b', '[1, 2]')
    """
    text = printable(" ".join((value if isinstance(value, str) else shown(value)).split()))
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def same_seed_copies(seeds: Sequence[int | None], values: Sequence[object]) -> list[int]:
    """Returns the indexes of those that repeat a seed with the same figures: copies of a run.

    >>> same_seed_copies([1, 2, 1, 2], [70.5, 71.0, 70.5, 71.1])
    [2]
    """
    seen: set[tuple[int | None, object]] = set()
    copies = []
    for index, pair in enumerate(zip(seeds, values, strict=True)):
        if pair in seen:
            copies.append(index)
        seen.add(pair)
    return copies

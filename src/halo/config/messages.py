"""Error messages about settings, one line each: `model.hidden=0: must be a whole number from 1 to 1,048,576`."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from halo.config.settings import Setting, fields_of, key_of, settings_of, variants_of

MAX_SHOWN = 200
"""Characters of a wrong value that a message repeats."""


def messages(error: ValidationError, schema: type, tree: Mapping[str, Any]) -> list[str]:
    """Returns one line for each wrong setting, with the full key, the value and what is allowed.

    Args:
        error: Of validating `tree` as `schema`.
        schema: A settings class.
        tree: The composed configuration as plain data.
    """
    known = settings_of(schema, tree)
    lines = (_message(each, schema, tree, known) for each in error.errors(include_url=False))
    return list(dict.fromkeys(lines))


def unknown_setting(key: str, known: Iterable[str]) -> str:
    """Returns the message about a key that does not exist, with the nearest one that does.

    Args:
        key: The full dotted key.
        known: The full keys of the command.

    >>> unknown_setting("model.hiden", ["model.hidden", "optim.lr"])
    'model.hiden: unknown setting; did you mean model.hidden?'
    """
    near = _nearest(key, [each for each in known if each != key])
    hint = f"did you mean {near}?" if near else "`--help` lists all settings"
    return f"{key}: unknown setting; {hint}"


def _nearest(key: str, known: list[str]) -> str | None:
    """Returns the key that was probably meant: a similar one of the same group, the same one of another, or none."""
    group, _, name = key.rpartition(".")
    siblings = {each.rpartition(".")[2]: each for each in known if each.rpartition(".")[0] == group}
    if similar := difflib.get_close_matches(name, siblings, n=1):
        return siblings[similar[0]]
    elsewhere = [each for each in known if each.rpartition(".")[2] == name]
    return next(iter([*elsewhere, *difflib.get_close_matches(key, known, n=1, cutoff=0.8)]), None)


def _message(error: ErrorDetails, schema: type, tree: Mapping[str, Any], known: Mapping[str, Setting]) -> str:
    if error["type"] == "value_error":  # from a check of several settings, which names them itself
        return str(error["ctx"]["error"])
    key = _full_key(error["loc"], schema)
    if error["type"] == "unexpected_keyword_argument":
        return unknown_setting(key, known)
    setting = known.get(key)
    allowed = f"must be {setting.allowed}" if setting is not None else error["msg"]
    if error["type"] == "missing":
        return f"{key}: no value given; {allowed}"
    value = _value(key, tree)
    if error["type"] == "union_tag_not_found" and isinstance(value, dict):
        key, value = f"{key}.name", value.get("name")
    return f"{key}={shown(value)}: {allowed}"


def _full_key(loc: tuple[int | str, ...], schema: type) -> str:
    """Returns the full key of a place that Pydantic reports, which also names variants and items of lists."""
    parts, names, settings = [], [str(each) for each in loc], schema
    while names:
        name = names.pop(0)
        field = fields_of(settings).get(name)
        parts.append(key_of(settings, name))
        variants = {} if field is None else variants_of(field)
        if not variants:
            break
        selected = names.pop(0) if names and names[0] in variants else next(iter(variants))
        settings = variants[selected]
    return ".".join(parts)


def _value(key: str, tree: Any) -> Any:
    for part in key.split("."):
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree


def shown(value: Any) -> str:
    """Returns a value as YAML has it, shortened.

    >>> shown(None), shown(True), shown(["a", 1.5])
    ('null', 'true', '[a, 1.5]')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        text = f"[{', '.join(map(shown, value))}]"
    elif isinstance(value, Mapping):
        text = f"{{{', '.join(f'{key}: {shown(each)}' for key, each in value.items())}}}"
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."

"""The settings of a command, one by one: key, description, allowed values.

Error messages and `--help` read them from here; they follow from the settings classes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import Discriminator
from pydantic.fields import FieldInfo

from halo.config.custom import TARGET, CustomConfig, names_of
from halo.config.fields import Allowed


@dataclass(frozen=True)
class Setting:
    """One setting of a command.

    Attributes:
        key: The full dotted key, such as `data.tokenizer.kind`.
        description: Meaning, unit and effect.
        allowed: Completes the sentence "The value must be ..."; empty where anything goes.
        is_group: Whether other settings are below it.
    """

    key: str
    description: str
    allowed: str
    is_group: bool


def settings_of(schema: type, composed: Mapping[str, Any] | None = None) -> dict[str, Setting]:
    """Returns the settings of a schema by their full dotted key, in the order of the classes.

    Args:
        schema: A settings class, such as `TrainConfig`.
        composed: The composed configuration as plain data: it selects the variants of groups such as `model`, whose
            first variant is taken without it.

    >>> from halo.config import TrainConfig
    >>> settings_of(TrainConfig)["optim.lr"].allowed
    'a number above 0'
    """
    return {each.key: each for each in _walk(schema, composed or {}, "")}


def _walk(schema: type, node: Any, prefix: str) -> Iterator[Setting]:
    for name, field in fields_of(schema).items():
        if issubclass(schema, CustomConfig) and name == "arguments":
            continue
        key, below = f"{prefix}{key_of(schema, name)}", node.get(name) if isinstance(node, Mapping) else None
        group = group_class(field, below)
        properties = _properties(field)
        is_group = group is not None or bool(properties)
        yield Setting(key, field.description or "", allowed_values(field.annotation, field.metadata), is_group)
        if group is not None:
            yield from _walk(group, below, f"{key}.")
        yield from _walk_properties(properties, f"{key}.")


def _walk_properties(properties: Mapping[str, Any], prefix: str) -> Iterator[Setting]:
    for name, schema in properties.items():
        below = schema.get("properties", {})
        yield Setting(f"{prefix}{name}", schema.get("description", ""), "", bool(below))
        yield from _walk_properties(below, f"{prefix}{name}.")


def _properties(field: FieldInfo) -> Mapping[str, Any]:
    extra = field.json_schema_extra
    properties = extra.get("properties", {}) if isinstance(extra, dict) else {}
    return properties if isinstance(properties, dict) else {}


def fields_of(schema: type) -> dict[str, FieldInfo]:
    """Returns the fields of a settings class by name."""
    fields: dict[str, FieldInfo] = schema.__pydantic_fields__  # type: ignore[attr-defined]
    return fields


def key_of(schema: type, name: str) -> str:
    """Returns the key of a field in YAML."""
    return TARGET if issubclass(schema, CustomConfig) and name == "target" else name


def variants_of(field: FieldInfo) -> dict[str, type]:
    """Returns the settings classes that a group may be parsed to, by class name; none where it is no group."""
    return {each.__name__: each for each in _classes(field.annotation)}


def group_class(field: FieldInfo, node: Any) -> type | None:
    """Returns the settings class of a group: the variant that `node` selects, else the first; None for a value."""
    variants = variants_of(field)
    choose = next((each.discriminator for each in field.metadata if isinstance(each, Discriminator)), None)
    selected = choose(node) if callable(choose) and node is not None else None
    return variants.get(str(selected), next(iter(variants.values()), None))


def allowed_values(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    """Returns the values that a type allows, in words that complete the sentence "The value must be ...".

    >>> allowed_values(Literal["lstm", "gru"])
    'lstm or gru'
    >>> allowed_values(Annotated[int, Ge(1)] | None)
    'a whole number of at least 1, or null'
    """
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        return allowed_values(annotation, [*metadata, *inner])
    metadata = [part for each in metadata for part in (each.metadata if isinstance(each, FieldInfo) else [each])]
    for each in metadata:
        if isinstance(each, Allowed):
            return each.text
    if get_origin(annotation) is Literal:
        return _listed([str(each) for each in get_args(annotation)])
    if get_origin(annotation) is list:
        return f"a list, each item {allowed_values(get_args(annotation)[0])}"
    return _union(annotation) if _is_union(annotation) else _of_type(annotation, metadata)


def _of_type(annotation: Any, metadata: list[Any]) -> str:
    if annotation in (int, float):
        kind = "a whole number" if annotation is int else "a number"
        return f"{kind}{_range({type(each): each for each in metadata})}"
    if annotation is str:
        return "text that is not empty" if any(isinstance(each, MinLen) for each in metadata) else "text"
    return "true or false" if annotation is bool else "a mapping of settings"


def _union(annotation: Any) -> str:
    members = [each for each in get_args(annotation) if each is not NoneType]
    names = [name for each in _classes(annotation) for name in names_of(each)]
    text = _listed(names) if names else " or ".join(allowed_values(each) for each in members)
    return f"{text}, or null" if NoneType in get_args(annotation) else text


def _classes(annotation: Any) -> list[type]:
    members = get_args(annotation) if _is_union(annotation) else (annotation,)
    types = (get_args(each)[0] if get_origin(each) is Annotated else each for each in members)
    return [each for each in types if isinstance(each, type) and is_dataclass(each)]


def _range(bounds: dict[type, Any]) -> str:
    low, high = "", ""
    if Ge in bounds:
        low = f"{bounds[Ge].ge:,}"
    if Gt in bounds:
        low = f"above {bounds[Gt].gt:,}"
    if Le in bounds:
        high = f"{bounds[Le].le:,}"
    if Lt in bounds:
        high = f"below {bounds[Lt].lt:,}"
    if Gt in bounds:
        return f" {low}{' and' if high.startswith('below') else ', up to' if high else ''} {high}".rstrip()
    return f" from {low} to {high}" if high else f" of at least {low}" if low else ""


def _listed(names: list[str]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)

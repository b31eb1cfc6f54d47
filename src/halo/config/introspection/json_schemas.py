"""JSON schemas of the files of conf/, made from the settings classes."""

from typing import Any

from pydantic import TypeAdapter

from halo.config.commands import SCHEMAS
from halo.config.custom import TARGET

DIALECT = "https://json-schema.org/draft/2020-12/schema"
INTERPOLATION = {"type": "string", "pattern": r"\$\{.+\}|^\?\?\?$"}
"""A reference to another setting, or `???` for a required one: allowed instead of any value."""

HYDRA_KEYS = {"defaults": {"type": "array"}, "hydra": {"type": "object"}}
"""What Hydra itself reads in a file."""

GROUPS = {
    **dict.fromkeys(("data", "model", "optim", "schedule", "averaging", "trainer", "callbacks", "logger"), "train"),
    **dict.fromkeys(("search_space", "sampler", "pruner", "launcher"), "sweep"),
}
"""The groups of files in conf/, and a command whose settings they are."""


def file_schemas() -> dict[str, dict[str, Any]]:
    """Returns the schema of each command's file and of the files of each group, by name.

    Files of `experiment` and `debug` are checked with the schema of `train`.
    """
    commands = {name: file_schema(schema) for name, schema in SCHEMAS.items()}
    whole = {command: TypeAdapter(SCHEMAS[command]).json_schema() for command in {*GROUPS.values()}}
    groups = {
        group: _of_file(whole[command]["properties"][group], whole[command]["$defs"])
        for group, command in GROUPS.items()
    }
    return {**commands, **groups}


def file_schema(schema: type) -> dict[str, Any]:
    """Returns the JSON schema of files that hold settings of a class such as `TrainConfig`, or a part of them."""
    whole = TypeAdapter(schema).json_schema()
    return _of_file(whole, whole.get("$defs", {}))


def _of_file(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    definitions = {name: _relaxed(each) for name, each in definitions.items()}
    root = {key: value for key, value in schema.items() if key != "$defs"}
    relaxed = _relaxed(root)
    variants = [_inlined(each, definitions) for each in relaxed.pop("anyOf", [relaxed])]
    for each in variants:
        if "properties" in each:
            each["properties"] = {**HYDRA_KEYS, **each["properties"]}
    body = variants[0] if len(variants) == 1 else {"anyOf": variants}
    return {"$schema": DIALECT, "title": "Settings", **body, "$defs": _referenced(body, definitions)}


def _referenced(schema: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Returns the definitions that a schema refers to, directly or through others; they do not refer in circles."""
    children = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    found: dict[str, Any] = {}
    for child in children:
        found |= _referenced(child, definitions)
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        name = schema["$ref"].rpartition("/")[2]
        found |= {name: definitions[name], **_referenced(definitions[name], definitions)}
    return dict(sorted(found.items()))


def _inlined(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Returns the definition that a schema refers to, so that keys of Hydra can be added to it."""
    reference = schema.get("$ref", "").rpartition("/")[2]
    return dict(definitions[reference]) if reference else dict(schema)


def _relaxed(schema: Any) -> Any:
    """Returns a schema of parts: nothing is required, several variants may fit, values may be interpolations."""
    if isinstance(schema, list):
        return [_relaxed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("required", "oneOf", "discriminator")}
    relaxed = {key: _relaxed(value) for key, value in kept.items() if key != "properties"}
    if "oneOf" in schema:
        relaxed["anyOf"] = _relaxed(schema["oneOf"])
    if "properties" in schema:
        relaxed["properties"] = {name: _property(each) for name, each in schema["properties"].items()}
        if {"target", "arguments"} <= schema["properties"].keys():
            own = {key: value for key, value in relaxed["properties"].items() if key not in ("target", "arguments")}
            relaxed |= {"properties": {TARGET: relaxed["properties"]["target"], **own}, "required": [TARGET]}
            relaxed["additionalProperties"] = True
    return relaxed


def _property(schema: dict[str, Any]) -> dict[str, Any]:
    relaxed: dict[str, Any] = _relaxed(schema)
    if "properties" in relaxed or "$ref" in relaxed or not relaxed.keys() & {"type", "anyOf", "enum", "const"}:
        return relaxed
    notes: dict[str, Any] = {key: relaxed.pop(key) for key in ("description", "title") if key in relaxed}
    return {**notes, "anyOf": [*relaxed.pop("anyOf", []), *([relaxed] if relaxed else []), INTERPOLATION]}

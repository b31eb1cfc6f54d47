"""Creates the objects that settings describe with `_target_`: callbacks and loggers."""

from collections.abc import Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate

from halo.runtime.annotations import accepts, argument_types, name_of
from halo.runtime.errors import InputError, reason, require

TARGET = "_target_"


def make_components(group: Mapping[str, Any], *, key: str) -> list[Any]:
    """Returns the objects of a group of settings, in order.

    Args:
        group: Settings with a `_target_`, by name.
        key: The name of the group, for messages.

    Raises:
        InputError: A class cannot be imported or constructed, or an argument has another type than is declared.
    """
    return [_make(node, f"{key}.{name}") for name, node in group.items()]


def _make(node: Any, key: str) -> Any:
    has_target = isinstance(node, Mapping) and isinstance(node.get(TARGET), str)
    require(has_target, key, node, "needs a _target_, the class as package.module.Class; null leaves it out")
    path = str(node[TARGET])
    _require_argument_types(node, path, key)
    try:
        return instantiate(node, _convert_="all")
    except InstantiationException as error:
        cause = error.__cause__ or error
        if isinstance(cause, InputError):
            raise cause from error
        problem = f"{type(cause).__name__}: {reason(cause)}".replace("`", "")
        raise InputError(f"{key}: {path} cannot be constructed ({problem}); correct its arguments") from error


def _require_argument_types(node: Mapping[str, Any], path: str, key: str) -> None:
    """Checks plain arguments against the annotations of the class: many classes fail later and less clearly."""
    try:
        declared = argument_types(get_object(path))
    except Exception:  # a module that cannot be imported is reported when the object is created
        return
    for name, value in node.items():
        if name in declared and not isinstance(value, Mapping) and not accepts(declared[name], value):
            raise InputError(f"{key}.{name}={value}: not allowed; {path} accepts {name_of(declared[name])}")

"""Checks values against type annotations, such as those of the arguments of a library's class."""

from collections.abc import Callable
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints


def argument_types(function: Callable[..., Any]) -> dict[str, Any]:
    """Returns the annotation of each argument of a function or class; an empty dictionary if they cannot be read."""
    described: Any = function
    try:
        return get_type_hints(described.__init__ if isinstance(function, type) else described)
    except Exception:  # names that exist only for type checkers
        return {}


def accepts(annotation: Any, value: object) -> bool:
    """Returns whether a value has the annotated type; an int is also a float, and a bool is not an int.

    What is in a container is not checked.

    >>> accepts(int | None, 3), accepts(float, 3), accepts(int, True), accepts(Literal["a"], "b")
    (True, True, False, False)
    """
    origin = get_origin(annotation)
    if origin is Literal:
        return value in get_args(annotation)
    if origin is Annotated:
        return accepts(get_args(annotation)[0], value)
    if origin in (Union, UnionType):
        return any(accepts(part, value) for part in get_args(annotation))
    kind = origin or annotation
    if kind is Any or isinstance(kind, TypeVar):
        return True
    if kind in (int, float):
        return isinstance(value, int | kind) and not isinstance(value, bool)
    return not isinstance(kind, type) or isinstance(value, kind)


def name_of(annotation: Any) -> str:
    """Returns an annotation as text for a message.

    >>> name_of(int), name_of(int | None)
    ('int', 'int | None')
    """
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")

"""Checks values against type annotations, such as those of the arguments of a library's class."""

from collections.abc import Callable
from typing import Any, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError


def argument_types(function: Callable[..., Any]) -> dict[str, Any]:
    """Returns the annotation of each argument of a function or class; an empty dictionary if they cannot be read."""
    described: Any = function
    try:
        return get_type_hints(described.__init__ if isinstance(function, type) else described)
    except Exception:  # names that exist only for type checkers
        return {}


def accepts(annotation: Any, value: object) -> bool:
    """Returns whether a value has the annotated type, without conversion; an int is also a float, a bool is not an int.

    >>> from typing import Literal
    >>> accepts(int | None, 3), accepts(float, 3), accepts(int, True), accepts(Literal["a"], "b")
    (True, True, False, False)
    """
    try:
        adapter = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True, strict=True))
    except PydanticUserError:  # an annotation that only type checkers understand
        return True
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def name_of(annotation: Any) -> str:
    """Returns an annotation as text for a message.

    >>> name_of(int), name_of(int | None)
    ('int', 'int | None')
    """
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")

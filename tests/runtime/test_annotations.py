"""Values are checked against the annotations of a library's arguments."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Optional, TypeVar, Union

import pytest

from halo.runtime.annotations import accepts, argument_types, name_of

T = TypeVar("T")


@pytest.mark.parametrize(
    ("annotation", "accepted", "refused"),
    [
        (int, [0, -3], ["3", 1.5, True, None]),
        (float, [0, 1.5], ["1.5", False, None]),
        (bool, [True, False], [1, "true"]),
        (Optional[int], [3, None], ["x"]),  # noqa: UP045  as libraries write it
        (Union[int, str], [3, "x"], [1.5, [3]]),  # noqa: UP007
        (int | None, [3, None], ["x"]),
        (Literal["step", "epoch"], ["step"], ["steps", None]),
        (list[int], [[1], []], [1, "1"]),
        (dict[str, int], [{}], [[]]),
        (Annotated[int, "a note"], [3], ["3"]),
        (Any, [3, None, "x"], []),
        (T, [3, None], []),
        (Callable[[int], int], [abs], [3]),
    ],
    ids=str,
)
def test_values_of_another_type_are_not_accepted(annotation: Any, accepted: list[Any], refused: list[Any]) -> None:
    assert all(accepts(annotation, value) for value in accepted)
    assert not any(accepts(annotation, value) for value in refused)


def test_the_arguments_of_a_class_are_those_of_its_constructor() -> None:
    class Example:
        def __init__(self, size: int, name: "str | None" = None) -> None: ...

    types = argument_types(Example)
    assert {key: name_of(types[key]) for key in ("size", "name")} == {"size": "int", "name": "str | None"}


def test_annotations_that_cannot_be_read_are_no_annotations() -> None:
    def function(size: "NoSuchName") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    assert argument_types(function) == {}

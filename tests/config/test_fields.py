"""Ranges of the shared types."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from halo.config.fields import Count, Fraction, Paths, Probability, Size


@pytest.mark.parametrize(
    ("kind", "accepted", "refused"),
    [
        (Count, [1, 10**12], [0, True, "5", 1.0, None]),
        (Size, [1, 2**20], [0, 2**20 + 1, False]),
        (Fraction, [0.5], [0, 1, True, "0.5"]),
        (Probability, [0, 0.0, 0.99], [1, -0.1, False]),
        (Paths, [None, "a.txt", ["a.txt", "b.txt"]], ["", " ", [], [""], 3, ["a.txt", 3], {"a": "b"}]),
    ],
)
def test_types_accept_their_range_and_nothing_else(kind: Any, accepted: list[Any], refused: list[Any]) -> None:
    adapter = TypeAdapter(kind)
    for value in accepted:
        assert adapter.validate_python(value) == value
    for value in refused:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)

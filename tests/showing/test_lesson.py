"""Strips of values."""

from halo.showing.lesson import Strip


def test_values_outside_the_range_are_drawn_at_its_ends() -> None:
    assert Strip((-5.0, 0.0, 0.25, 5.0), -0.5, 0.5).shares() == [0.0, 0.5, 0.75, 1.0]

"""Short names of settings."""

from halo.config.introspection.short_names import short_names


def test_names_are_as_long_as_they_must_be() -> None:
    assert short_names(["a.b.c", "d.b.c", "seed"]) == {"a.b.c": "a.b.c", "d.b.c": "d.b.c", "seed": "seed"}
    assert short_names([]) == {}

"""Which of several settings classes a group is parsed to: chosen by the group's `name`, or by its `_target_`."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from halo.config.custom import TARGET, CustomConfig


def variant_of(*classes: type) -> Callable[[Any], str | None]:
    """Returns a function that maps a group, parsed or not, to the name of its class, or to None.

    >>> from halo.config.model import RecurrentConfig, TransformerConfig
    >>> choose = variant_of(RecurrentConfig, TransformerConfig)
    >>> choose({"name": "gru"}), choose({"name": "unknown"})
    ('RecurrentConfig', None)
    """
    names = {name: each.__name__ for each in classes for name in names_of(each)}
    custom = next((each.__name__ for each in classes if issubclass(each, CustomConfig)), None)

    def choose(group: Any) -> str | None:
        if not isinstance(group, Mapping):
            return next((each.__name__ for each in classes if type(group) is each), None)
        if TARGET in group and custom is not None:
            return custom
        name = group.get("name")
        return names.get(name) if isinstance(name, str) else None

    return choose


def names_of(settings: type) -> tuple[str, ...]:
    """Returns the values of `name` that select a settings class; none for a class of the user's own."""
    return get_args(settings.__annotations__.get("name"))

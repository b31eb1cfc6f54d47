"""A model, an optimizer or a schedule of the user's own: a class named by `_target_`, and its arguments.

`variant_of` chooses between these settings and those of the package.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Allowed

TARGET = "_target_"
CLASS_PATH = r"^[^\W\d]\w*(\.[^\W\d]\w*)+$"


@dataclass(config=OPTIONS)
class CustomConfig:
    """Settings of an optimizer or schedule that the user provides: `_target_` names the class.

    All other keys of the group are its keyword arguments and are not checked. Parsing imports nothing.

    >>> CustomConfig(target="my_package.Lion", arguments={"lr": 1e-4}).name
    'Lion'
    """

    target: Annotated[
        str, Field(strict=True, pattern=CLASS_PATH), Allowed("the path of a class: package.module.Class")
    ] = Field(description="Class to construct, as package.module.Class.")
    arguments: dict[str, Any] = Field(default_factory=dict, description="Keyword arguments of the class.")

    @property
    def name(self) -> str:
        """The name of the class, without its module."""
        return self.target.rpartition(".")[2]

    @model_validator(mode="before")
    @classmethod
    def _separate_arguments(cls, node: Any) -> Any:
        if not isinstance(node, Mapping) or TARGET not in node:
            return node
        own = {key: value for key, value in node.items() if key in cls.common_settings()}
        arguments = {key: value for key, value in node.items() if key != TARGET and key not in own}
        return {"target": node[TARGET], "arguments": arguments, **own}

    @classmethod
    def common_settings(cls) -> tuple[str, ...]:
        """Returns the keys of the group that are not arguments of the class."""
        return ()


@dataclass(config=OPTIONS)
class CustomModelConfig(CustomConfig):
    """Settings of a model that the user provides: those of `CustomConfig`, and those of every architecture.

    >>> CustomModelConfig(target="my_package.MyModel", arguments={"hidden": 8}).ensemble_size
    1
    """

    ensemble_size: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=1, description="Number of networks trained independently, whose probabilities are averaged."
    )
    init_bias_from_unigram: bool = Field(
        default=False, description="Whether the output bias starts as the log frequency of each training word."
    )

    @classmethod
    def common_settings(cls) -> tuple[str, ...]:
        """Returns the keys that every architecture has."""
        return ("ensemble_size", "init_bias_from_unigram")


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

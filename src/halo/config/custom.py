"""A model, an optimizer or a schedule of the user's own: a class named by `_target_`, and its arguments."""

from collections.abc import Mapping
from typing import Annotated, Any

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

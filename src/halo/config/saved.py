"""Settings that a saved model keeps of its run's."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.data import DataConfig
from halo.config.fields import OPTIONS
from halo.config.model import ModelVariant


@dataclass(config=OPTIONS)
class SavedConfig:
    """The settings of a run that its bundle keeps: how text becomes ids, the architecture, and privacy."""

    data: DataConfig = Field(description="Text, and how it becomes batches.")
    model: ModelVariant = Field(description="Architecture.")
    private: bool = Field(
        default=False, description="Whether the training text is private, so that none of it is shown."
    )

"""Settings of `halo.show`."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.data import DataConfig
from halo.config.fields import OPTIONS, Count, PathText, Positive
from halo.config.model import ModelVariant


@dataclass(config=OPTIONS)
class ShowConfig(ModelSourceConfig):
    """All settings of `python -m halo.show`; without `run` and `bundle` it shows a text and an untrained model."""

    data: DataConfig = Field(
        description="Text, and how it becomes batches, without a trained model; with one, only data.cache_dir is read.",
    )
    model: ModelVariant = Field(description="Architecture of the untrained model that is shown without a trained one.")
    sentence: Annotated[str, Field(min_length=1)] | None = Field(
        description="Sentence that the model reads. null: one of the validation text.",
    )
    layer: Count | None = Field(
        description="Layer whose gates or attention are shown, counted from 1. null: the last.",
    )
    head: Count = Field(description="Head of a transformer whose attention is shown, counted from 1.")
    max_norm: Positive | Literal["as_trained"] = Field(
        description="Norm to which the gradient of the training step is clipped. as_trained: as the run clips it, and "
        "0.25 where that is not known.",
    )
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**32)] = Field(
        description="Seed of dropout in the training step, and of the weights of an untrained model.",
    )
    output: PathText | None = Field(description="Page to write as well, such as lesson.html. null: none.")

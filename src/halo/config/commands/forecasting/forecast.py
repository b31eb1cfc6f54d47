"""Settings of `halo.forecast`."""

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS, Count, PathText


@dataclass(config=OPTIONS)
class ForecastConfig(ModelSourceConfig):
    """All settings of `python -m halo.forecast`; exactly one of `run` and `bundle` is given."""

    path: PathText | None = Field(
        description="Newer table with the same columns: a file, folder, glob or URL, as data.path. null: the table of "
        "the training, with the rows that it has now.",
    )
    split: Literal["test", "validation"] = Field(
        description="Dates that are forecast. test: all after those that the model was trained and chosen on, and the "
        "one to come; validation: those that it was chosen on, to choose settings.",
    )
    refit: Count = Field(
        description="Number of dates after which GARCH(1,1) is fitted again, on all values before.",
    )

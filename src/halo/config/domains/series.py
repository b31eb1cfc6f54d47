"""Settings of series of numbers: how a table of dates and values becomes words."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Allowed, Count, NonEmpty, Probability
from halo.runtime.errors import require

LEVELS = "none"
"""The transform that leaves values as they are."""


@dataclass(config=OPTIONS)
class SeriesConfig:
    """How the columns of a table become series, and their values the words of a vocabulary."""

    date_field: NonEmpty = Field(
        description="Column of the dates. auto: the one called date, time, day, month or year, else the first column "
        "that holds dates.",
    )
    value_fields: Annotated[
        NonEmpty | Annotated[list[NonEmpty], Field(min_length=1)],
        Allowed("auto, the name of a column, or a list of names"),
    ] = Field(
        description="Columns of the values; each is a series of its own. auto: all that hold numbers.",
    )
    date_format: NonEmpty | None = Field(
        description="Format of the dates as Python's strptime has it: %d.%m.%Y for 31.12.2024. null: ISO 8601, such as "
        "2024-12-31, 2024-12 or 2024.",
    )
    decimal: Literal["point", "comma"] = Field(description="What numbers have before their decimals: 1.5 or 1,5.")
    transform: Literal["log_returns", "returns", "differences", "none"] = Field(
        description="What is predicted. log_returns: log(value / value before), for prices; returns: value / value "
        "before - 1; differences: value - value before; none: the value itself.",
    )
    seasonal_period: Count = Field(
        description="With data.series.transform=none, persistence predicts the value that many steps earlier: 12 for "
        "months with a yearly season. 1: the last value.",
    )
    num_bins: Annotated[int, Field(strict=True, ge=2, le=1000)] = Field(
        description="Bins of equally many training values, which are the words. A series in which many values are "
        "equal gets fewer.",
    )
    scaling: Literal["none", "ewma"] = Field(
        description="Whether values are divided by their recent size before they are put into bins. ewma: by the root "
        "of the exponentially weighted mean of their past squares (RiskMetrics 1996).",
    )
    scaling_decay: Probability = Field(description="Weight of the past in that mean at each step.")

    @model_validator(mode="after")
    def _check(self) -> "SeriesConfig":
        is_level = self.transform == LEVELS
        allowed = "is for data.series.transform=none; changes are compared with no change"
        require(is_level or self.seasonal_period == 1, "data.series.seasonal_period", self.seasonal_period, allowed)
        allowed = "divides changes by their size; with data.series.transform=none it must be none"
        require(self.scaling == "none" or not is_level, "data.series.scaling", self.scaling, allowed)
        return self

    def value_names(self) -> list[str] | None:
        """Returns the columns that are named; None if all that hold numbers are wanted."""
        if isinstance(self.value_fields, list):
            return list(dict.fromkeys(self.value_fields))
        return None if self.value_fields == "auto" else [self.value_fields]

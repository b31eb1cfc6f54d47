"""Settings of `halo.prepare`."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.data import DataConfig
from halo.config.domains.card import DataCardConfig
from halo.config.fields import OPTIONS


@dataclass(config=OPTIONS)
class PrepareConfig:
    """All settings of `python -m halo.prepare`."""

    data: DataConfig = Field(description="Text, and how it becomes batches.")
    private: bool = Field(
        description="Whether the text is private: the terminal and data_report.html show figures only, and no words.",
    )
    card: DataCardConfig = Field(description="What data_card.md says beside the figures; null: not stated.")

"""Settings of `halo.report`."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS, PathText


@dataclass(config=OPTIONS)
class ReportConfig(ModelSourceConfig):
    """All settings of `python -m halo.report`; exactly one of `run` and `bundle` is given."""

    output: PathText | None = Field(
        description="Page to write. null: report.html in the run folder, or for a bundle in outputs/report/DATE/TIME.",
    )
    cache_dir: PathText = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )

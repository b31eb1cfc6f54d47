"""Settings of `halo.audit`."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS, Count, PathText, Seed


@dataclass(config=OPTIONS)
class AuditCommandConfig(ModelSourceConfig):
    """All settings of `python -m halo.audit`; exactly one of `run` and `bundle` is given."""

    num_texts: Count = Field(
        description="Number of texts that are generated with each kind of sampling, of 128 tokens each; as many of "
        "held-out text are compared.",
    )
    num_passages: Count = Field(
        description="Number of passages of the training text, and of held-out text, that the model is to continue.",
    )
    private: bool | None = Field(
        description="Whether neither copied text nor samples are shown or written. null: as the run was.",
    )
    seed: Seed = Field(description="Seed of the generated texts, and of the passages that are drawn.")
    cache_dir: PathText = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )

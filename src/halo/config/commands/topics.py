"""Settings of `halo.topics`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.commands.reading import ReadingConfig, given_settings
from halo.config.fields import OPTIONS, Allowed, Count, CountFromZero, NonEmpty, Paths, PathText, Seed, Share
from halo.runtime.errors import require

NumTopics = Annotated[
    Literal["auto"] | Annotated[int, Field(strict=True, ge=2, le=1000)],
    Allowed("auto, or a whole number from 2 to 1000"),
]


@dataclass(config=OPTIONS)
class TopicsConfig(ModelSourceConfig):
    """All settings of `python -m halo.topics`; exactly one of `run` and `bundle` is given."""

    path: Paths = Field(
        description="Your own texts: a file, folder, glob or URL, or a list of these. null: the model's own corpus.",
    )
    data: ReadingConfig = Field(
        description="How the files of path are read. as_trained: as the text that the model was trained on.",
    )
    date_field: NonEmpty | None = Field(description="Field of path that holds the date of a text. null: no dates.")
    unit: Literal["paragraph", "document"] = Field(description="What belongs to a topic: each paragraph or document.")
    num_topics: NumTopics = Field(
        description="Number of topics. auto: the one of 5, 10, 15, 20, 30, 40 and 50 whose words occur together most "
        "in the validation split.",
    )
    seed: Seed = Field(description="Seed of the topics that are shown.")
    num_seeds: Count = Field(
        description="Number of seeds, from this one on, over which figures are averaged and topics are looked for "
        "again.",
    )
    min_df: Count = Field(
        description="Number of training documents that a word needs to occur in to describe a topic; of units, where "
        "there are fewer than 30 documents.",
    )
    max_df: Share = Field(
        description="Share of all stretches of 100 words from which on a word is a function word, which describes no "
        "topic.",
    )
    lda: bool = Field(description="Whether LDA is shown beside (extra topics).")
    lda_iterations: Count = Field(description="Passes of LDA's Gibbs sampler over the text.")
    passages: CountFromZero = Field(description="Number of typical passages of a topic; 0: no text of yours is kept.")
    cache_dir: PathText = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )

    @model_validator(mode="after")
    def _check(self) -> "TopicsConfig":
        if self.path is None:
            given = {**given_settings(self.data), **given_settings(self.data.table)}
            for key, value in given.items():
                is_default = key == "table" or (key, value) == ("label_field", "auto")
                require(is_default, f"data.{key}", value, "says how path is read; give a path")
            require(self.date_field is None, "date_field", self.date_field, "is a field of path; give a path")
        return self

    @property
    def paths(self) -> list[str]:
        """The paths of the user's texts; none for the model's own corpus."""
        if self.path is None:
            return []
        return [self.path] if isinstance(self.path, str) else list(self.path)

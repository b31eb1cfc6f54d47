"""Settings of `halo.topics`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.commands.reading import ReadingConfig, given_settings
from halo.config.commands.scoring.text_files import require_ending
from halo.config.fields import OPTIONS, Allowed, Count, CountFromZero, NonEmpty, Paths, PathText, Seed, Share
from halo.runtime.errors import require

NumTopics = Annotated[
    Literal["auto"] | Annotated[int, Field(strict=True, ge=2, le=1000)],
    Allowed("auto, or a whole number from 2 to 1000"),
]

Measure = Literal["surprisal", "sentiment", "label"]
Measures = Annotated[
    Measure | Annotated[list[Measure], Field(min_length=1)] | None,
    Allowed("surprisal, sentiment or label, or a list of them"),
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
    page: bool = Field(description="Whether topics.html is written, a page with a map, the words and the figures.")
    by: Measures = Field(
        description="What else is measured of the texts, topic by topic: surprisal, sentiment, label, or several. "
        "null: nothing; labels are on the page anyway.",
    )
    classifier: PathText | None = Field(description="Saved classifier of by=sentiment, a folder of halo.classify.")
    period: Literal["auto", "month", "quarter", "year"] = Field(
        description="What topics over time are counted by. auto: months, quarters or years, by the span of the dates.",
    )
    topics: PathText | None = Field(
        description="Saved topics that the texts of path are given instead of new ones: a folder that halo.topics "
        "wrote.",
    )
    output: PathText | None = Field(
        description="File of the texts of path with their topics, .csv, .tsv, .jsonl or .parquet; with topics.",
    )
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
        is_given = self.classifier is not None
        needed = "sentiment" in self.measures
        require(needed or not is_given, "classifier", self.classifier, "is for by=sentiment; give both")
        require(is_given or not needed, "classifier", "null", "by=sentiment needs classifier=FOLDER of halo.classify")
        is_dated = self.date_field is not None or self.period == "auto"
        require(is_dated, "period", self.period, "divides the time of date_field; give date_field, the field of dates")
        if self.topics is not None:
            self._check_new_texts()
        require(self.topics is not None or self.output is None, "output", self.output, "is for topics=FOLDER")
        return self

    def _check_new_texts(self) -> None:
        """Raises `InputError` unless texts are given for saved topics, and a file for what they are about."""
        require(len(self.paths) == 1, "topics", self.topics, "needs path=FILE with new texts, a single file")
        require(self.output is not None, "output", "null", "topics=FOLDER needs output=FILE for the texts' topics")
        require_ending(str(self.output))
        for key in ("by", "date_field"):
            value = getattr(self, key)
            require(value is None, key, value, "is for finding topics; it cannot be combined with topics=FOLDER")

    @property
    def measures(self) -> list[str]:
        """What else is measured of the texts, each once."""
        return list(dict.fromkeys([self.by] if isinstance(self.by, str) else self.by or []))

    @property
    def paths(self) -> list[str]:
        """The paths of the user's texts; none for the model's own corpus."""
        if self.path is None:
            return []
        return [self.path] if isinstance(self.path, str) else list(self.path)

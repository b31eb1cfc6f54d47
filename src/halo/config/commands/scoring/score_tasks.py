"""Settings of what `halo.score` computes from surprisals: minimal pairs, reading times, comparison of models."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Allowed, NonEmpty, PathList, PathText, Positive
from halo.runtime.errors import require

Folds = Annotated[int, Field(strict=True, ge=2, le=1000)]
Limits = Annotated[
    list[Positive], Field(min_length=2, max_length=2), Allowed("two numbers in milliseconds, [100, 3000]")
]


@dataclass(config=OPTIONS)
class ScoreTasksConfig:
    """What `halo.score` computes besides the surprisal of texts; at most one of these tasks is asked for."""

    models: PathList | None = Field(
        description="Models to compare, instead of run or bundle: run folders or saved models, separated by commas.",
    )
    pairs: PathText | None = Field(
        description="Minimal pairs to judge, instead of path or text: a file or folder of BLiMP's JSON Lines, of "
        "Zorro's alternating lines (.txt), or of tables with two columns.",
    )
    good_field: NonEmpty = Field(description="Field of the acceptable sentence. auto: sentence_good or good.")
    bad_field: NonEmpty = Field(description="Field of the unacceptable sentence. auto: sentence_bad or bad.")
    paradigm_field: NonEmpty = Field(
        description="Field by which the accuracy of pairs is broken down. auto: UID or paradigm, else the file's name.",
    )
    group_field: NonEmpty | None = Field(
        description="Column that says which text a row belongs to: each row of path is then a word, and read after the "
        "words before it. null: each row is a text.",
    )
    order_field: NonEmpty | None = Field(
        description="Column with the number of the word in its text; rows with the same number are one word, read by "
        "several readers. null: the order of the rows.",
    )
    predicts: NonEmpty | None = Field(
        description="Column of reading times, in milliseconds, that are predicted from surprisal; needs group_field.",
    )
    reading_time_limits: Limits = Field(
        description="The lowest and the highest reading time that is used, in milliseconds.",
    )
    folds: Folds = Field(description="Folds of the cross-validation of reading times; a text is in one of them.")

    @model_validator(mode="after")
    def _check_tasks(self) -> "ScoreTasksConfig":
        for key in ("good_field", "bad_field", "paradigm_field"):
            value = getattr(self, key)
            require(value == "auto" or self.pairs is not None, key, value, "names a field of minimal pairs; give pairs")
        for key in ("order_field", "predicts"):
            value = getattr(self, key)
            allowed = "needs a table with a word a row; name the column of the text with group_field"
            require(value is None or self.group_field is not None, key, value, allowed)
        low, high = self.reading_time_limits
        require(low < high, "reading_time_limits", self.reading_time_limits, "the first must be below the second")
        if self.group_field is not None:
            allowed = "one model is used for tables with a word a row; give run or bundle"
            require(self.models is None, "models", ",".join(self.models or []), allowed)
        return self

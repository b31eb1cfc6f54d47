"""Settings of `halo.evaluate`."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.commands.reading import ReadingConfig, given_settings
from halo.config.fields import OPTIONS, PathText
from halo.runtime.errors import require


@dataclass(config=OPTIONS)
class EvaluateConfig(ModelSourceConfig):
    """All settings of `python -m halo.evaluate`; exactly one of `run` and `bundle` is given."""

    split: Literal["train", "validation", "test", "all"] = Field(
        description="Split of the model's own corpus that is scored.",
    )
    path: PathText | None = Field(
        description="Your own text to score instead: a file, folder, glob or URL, as data.path.",
    )
    data: ReadingConfig = Field(
        description="How the files of path are read. as_trained: as the text that the model was trained on.",
    )
    text: str | None = Field(description="A sentence or paragraph to score instead, word by word.")
    cache: bool = Field(
        description="Whether to score validation and test with a neural cache (Grave et al. 2017).",
    )
    dynamic: bool = Field(
        description="Whether to score them with dynamic evaluation (Krause et al. 2018); takes minutes.",
    )
    ngram: bool = Field(
        description="Whether to score them interpolated with a Kneser-Ney 5-gram model of the training text.",
    )
    cache_dir: PathText = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )

    @model_validator(mode="after")
    def _check(self) -> "EvaluateConfig":
        both = self.path is not None and self.text is not None
        require(not both, "path", self.path, "cannot be combined with text; give one of them")
        for key, value in given_settings(self.data.table).items():
            require(self.path is not None, f"data.table.{key}", value, "says how path is read; give a path")
        for key, value in given_settings(self.data).items():
            is_default = key == "table" or (key, value) == ("label_field", "auto")
            require(is_default or self.path is not None, f"data.{key}", value, "says how path is read; give a path")
        for key in ("cache", "dynamic", "ngram"):
            fits = not getattr(self, key) or (self.path is None and self.text is None)
            require(fits, key, "true", "is for the model's own corpus: give neither path nor text")
        return self

"""Settings of the other commands, and those that a saved model keeps of its run's."""

from dataclasses import fields, replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.data import DataConfig, Delimiter, Documents
from halo.config.fields import OPTIONS, Encoding, NonEmpty, PathText
from halo.config.model import ModelVariant
from halo.config.training import SamplingConfig, TrainConfig
from halo.runtime.errors import require

DTYPES = ("float32", "float16", "int8")
"""Number formats of the weights in generation: exact; half the bytes, three digits; a quarter of the bytes, two."""

MAX_SAMPLES = 10_000
MAX_WORDS = 1_000_000

_RUN = "Run folder of halo.train; give either run or bundle."
_BUNDLE = "Saved model: the bundle/ folder of a run, wherever it has been moved."
_MODEL_CLASS = (
    "Class of a custom model, as package.module.Class; what a saved model names is never imported. "
    "null: a model of this package."
)
_DEVICE = "Device: auto (an accelerator if there is one), cpu, cuda, cuda:1, mps."


@dataclass(config=OPTIONS)
class SavedConfig:
    """The settings of a run that its bundle keeps: how text becomes ids, and the architecture."""

    data: DataConfig = Field(description="Text, and how it becomes batches.")
    model: ModelVariant = Field(description="Architecture.")


@dataclass(config=OPTIONS)
class GenerateConfig(SamplingConfig):
    """All settings of `python -m halo.generate`; exactly one of `run` and `bundle` is given."""

    num_words: Annotated[int, Field(strict=True, ge=1, le=MAX_WORDS)] = Field(
        description="Tokens of each text: words and punctuation marks, or the tokenizer's characters or subwords.",
    )
    run: PathText | None = Field(description=_RUN)
    bundle: PathText | None = Field(description=_BUNDLE)
    model_class: NonEmpty | None = Field(description=_MODEL_CLASS)
    prompt: str = Field(description="Start of the text; it is cleaned as the training text was.")
    num_samples: Annotated[int, Field(strict=True, ge=1, le=MAX_SAMPLES)] = Field(
        description="Number of texts; for more, run the command again with another seed.",
    )
    dtype: Literal["float32", "float16", "int8"] = Field(
        description="Number format of a recurrent model's weights: float32, or on a CPU float16 or int8, which are "
        "faster for large models.",
    )
    device: NonEmpty = Field(description=_DEVICE)


AsTrained = Literal["as_trained"]
"""The value of the training text, which the saved model records."""


@dataclass(config=OPTIONS)
class TableReadingConfig:
    """How the rows of .csv and .tsv files are divided into fields, where it differs from the training text."""

    delimiter: AsTrained | Delimiter = Field(
        description="What separates the fields of a row, as data.table.delimiter of halo.train."
    )
    quoting: AsTrained | Literal["auto", "minimal", "none"] = Field(
        description="What quotation marks are: minimal, none or auto, as data.table.quoting of halo.train.",
    )
    header: AsTrained | bool = Field(description="Whether the first row names the columns.")


@dataclass(config=OPTIONS)
class ReadingConfig:
    """How the files of `path` become documents, where it differs from the training text."""

    documents: AsTrained | Documents = Field(
        description="What one document of a text file is: file, paragraph, line or every_line.",
    )
    document_separator: NonEmpty | None = Field(
        description="What separates the documents within a text: auto, a line of yours, or null for nothing.",
    )
    text_field: NonEmpty = Field(description="Field or column that holds the text.")
    title_field: NonEmpty | None = Field(description="Field that is put before the text. null: none.")
    label_field: NonEmpty | None = Field(
        description="Field whose values the loss is broken down by. auto: register or label, if present. null: none.",
    )
    table: TableReadingConfig = Field(description="How .csv and .tsv files are divided into fields.")
    encoding: AsTrained | Encoding = Field(description="Encoding of the files, unless they have a byte order mark.")
    encoding_errors: AsTrained | Literal["strict", "replace"] = Field(
        description="Bytes that are not text in this encoding: strict refuses the file, replace substitutes U+FFFD.",
    )

    def applied_to(self, data: DataConfig) -> DataConfig:
        """Returns the settings of a training text, changed where these differ from `as_trained`."""
        given = _given(self)
        table = replace(data.table, **_given(given.pop("table")))
        return replace(data, table=table, **given)


def _given(settings: Any) -> dict[str, Any]:
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: value for name, value in values.items() if value != "as_trained"}


@dataclass(config=OPTIONS)
class EvaluateConfig:
    """All settings of `python -m halo.evaluate`; exactly one of `run` and `bundle` is given."""

    run: PathText | None = Field(description=_RUN)
    bundle: PathText | None = Field(description=_BUNDLE)
    model_class: NonEmpty | None = Field(description=_MODEL_CLASS)
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
    device: NonEmpty = Field(description=_DEVICE)

    @model_validator(mode="after")
    def _check(self) -> "EvaluateConfig":
        both = self.path is not None and self.text is not None
        require(not both, "path", self.path, "cannot be combined with text; give one of them")
        for key, value in _given(self.data.table).items():
            require(self.path is not None, f"data.table.{key}", value, "says how path is read; give a path")
        for key, value in _given(self.data).items():
            is_default = key == "table" or (key, value) == ("label_field", "auto")
            require(is_default or self.path is not None, f"data.{key}", value, "says how path is read; give a path")
        for key in ("cache", "dynamic", "ngram"):
            fits = not getattr(self, key) or (self.path is None and self.text is None)
            require(fits, key, "true", "is for the model's own corpus: give neither path nor text")
        return self


@dataclass(config=OPTIONS)
class PrepareConfig:
    """All settings of `python -m halo.prepare`."""

    data: DataConfig = Field(description="Text, and how it becomes batches.")


SCHEMAS: dict[str, type] = {
    "train": TrainConfig,
    "prepare": PrepareConfig,
    "evaluate": EvaluateConfig,
    "generate": GenerateConfig,
}
"""The settings of each command that reads `conf/COMMAND.yaml`."""

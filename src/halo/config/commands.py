"""Settings of the other commands, and those that a saved model keeps of its run's."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.data import DataConfig
from halo.config.fields import OPTIONS, NonEmpty
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
    run: NonEmpty | None = Field(description=_RUN)
    bundle: NonEmpty | None = Field(description=_BUNDLE)
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


@dataclass(config=OPTIONS)
class EvaluateConfig:
    """All settings of `python -m halo.evaluate`; exactly one of `run` and `bundle` is given."""

    run: NonEmpty | None = Field(description=_RUN)
    bundle: NonEmpty | None = Field(description=_BUNDLE)
    model_class: NonEmpty | None = Field(description=_MODEL_CLASS)
    split: Literal["train", "validation", "test", "all"] = Field(
        description="Split of the model's own corpus that is scored.",
    )
    path: NonEmpty | None = Field(
        description="Your own text to score instead: a file, folder, glob or URL, as data.path.",
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
    cache_dir: NonEmpty = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )
    device: NonEmpty = Field(description=_DEVICE)

    @model_validator(mode="after")
    def _check(self) -> "EvaluateConfig":
        both = self.path is not None and self.text is not None
        require(not both, "path", self.path, "cannot be combined with text; give one of them")
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

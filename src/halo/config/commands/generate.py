"""Settings of `halo.generate`."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS
from halo.config.training import SamplingConfig

DTYPES = ("float32", "float16", "int8")
"""Number formats of the weights in generation: exact; half the bytes, three digits; a quarter of the bytes, two."""

MAX_SAMPLES = 10_000
MAX_WORDS = 1_000_000


@dataclass(config=OPTIONS)
class GenerateConfig(SamplingConfig, ModelSourceConfig):
    """All settings of `python -m halo.generate`; exactly one of `run` and `bundle` is given."""

    num_words: Annotated[int, Field(strict=True, ge=1, le=MAX_WORDS)] = Field(
        description="Tokens of each text: words and punctuation marks, or the tokenizer's characters or subwords.",
    )
    prompt: str = Field(description="Start of the text; it is cleaned as the training text was.")
    num_samples: Annotated[int, Field(strict=True, ge=1, le=MAX_SAMPLES)] = Field(
        description="Number of texts; for more, run the command again with another seed.",
    )
    dtype: Literal["float32", "float16", "int8"] = Field(
        description="Number format of a recurrent model's weights: float32, or on a CPU float16 or int8, which are "
        "faster for large models.",
    )

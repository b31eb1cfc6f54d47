"""Settings of `halo.generate`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS, Allowed, NonEmpty, PathText
from halo.config.training import SamplingConfig
from halo.runtime.errors import require

DTYPES = ("float32", "float16", "auto")
"""Number formats of the weights in generation: exact; half the bytes, three digits; the faster one."""

MAX_SAMPLES = 10_000
MAX_WORDS = 1_000_000
MAX_BEAMS = 100
MAX_BEAM_WORDS = 10_000
"""The largest number of tokens of a beam search, whose beams are copied at each token."""


@dataclass(config=OPTIONS)
class GenerateConfig(SamplingConfig, ModelSourceConfig):
    """All settings of `python -m halo.generate`; exactly one of `run` and `bundle` is given."""

    num_words: Annotated[int, Field(strict=True, ge=1, le=MAX_WORDS)] = Field(
        description="The largest number of tokens of each text: words and punctuation marks, or the tokenizer's "
        "characters or subwords.",
    )
    prompt: str | None = Field(
        description="Start of the text; it is cleaned as the training text was. null: that of prompt_file, or what is "
        "piped into the command; without any, each text starts a paragraph.",
    )
    prompt_file: PathText | None = Field(
        description="File of UTF-8 text with the start of the text; - for standard input.",
    )
    interactive: bool = Field(
        description="Whether to write in turns with the model in the terminal; --interactive is the same.",
    )
    num_samples: Annotated[int, Field(strict=True, ge=1, le=MAX_SAMPLES)] = Field(
        description="Number of texts; for more, run the command again with another seed.",
    )
    beams: Annotated[int, Field(strict=True, ge=1, le=MAX_BEAMS)] = Field(
        description="More than 1: search for the likeliest texts and keep this many at each step, instead of drawing "
        "tokens. 1: no search.",
    )
    stop: Annotated[
        NonEmpty | Annotated[list[NonEmpty], Field(min_length=1)] | None,
        Allowed("a word or string, or a list of them in brackets"),
    ] = Field(
        description="Words or strings, in brackets if there are several, that end a text and are its last; <eos> is "
        "the end of a paragraph. null: none.",
    )
    recase: bool = Field(
        description="Whether a text of a model that knows no capitals gets them for reading: at sentence starts, and "
        "in words that the training text mostly capitalises.",
    )
    format: Annotated[Literal["text", "jsonl"] | None, Allowed("one of text, jsonl, or null")] = Field(
        description="Form of the output: text, or jsonl, a JSON object a line for each text, with tokens, "
        "log-probabilities and ranks. null: jsonl if output ends in .jsonl, else text.",
    )
    output: PathText | None = Field(description="File to write instead of standard output.")
    dtype: Literal["float32", "float16", "auto"] = Field(
        description="Number format of a recurrent model's weights: float32; float16, on a CPU, whose texts may differ; "
        "or auto: whichever a short measurement finds faster.",
    )

    @property
    def stops(self) -> list[str]:
        """The words or strings that end a text, as a list."""
        return [] if self.stop is None else [self.stop] if isinstance(self.stop, str) else self.stop

    @model_validator(mode="after")
    def _check(self) -> "GenerateConfig":
        both = "give one of prompt and prompt_file"
        require(self.prompt is None or self.prompt_file is None, "prompt_file", self.prompt_file, both)
        if self.beams > 1:
            allowed = f"must be at most beams ({self.beams}), of which the best are returned"
            require(self.num_samples <= self.beams, "num_samples", self.num_samples, allowed)
            allowed = f"must be at most {MAX_BEAM_WORDS:,} with beams"
            require(self.num_words <= MAX_BEAM_WORDS, "num_words", self.num_words, allowed)
        if self.interactive:
            self._check_interactive()
        return self

    def _check_interactive(self) -> None:
        """Raises `InputError` for settings that a text written in the terminal cannot have."""
        for name, value, usual in (("num_samples", self.num_samples, 1), ("beams", self.beams, 1)):
            require(value == usual, name, value, "must be 1 with interactive=true: one text is written, word by word")
        for name in ("format", "output"):
            value = getattr(self, name)
            allowed = "cannot be combined with interactive=true; samples.txt holds the text at the end"
            require(value is None, name, value, allowed)
        allowed = "cannot be combined with interactive=true: standard input is what is typed"
        require(self.prompt_file != "-", "prompt_file", "-", allowed)

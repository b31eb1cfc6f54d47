"""Settings of how the next tokens are drawn, and their defaults for calls from Python."""

from typing import Annotated, Any

import yaml
from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Count, CountFromZero, NonNegative, Seed, Share
from halo.config.parsing import conf_dir, parse


@dataclass(config=OPTIONS)
class SamplingConfig:
    """Settings of how the next tokens are drawn."""

    num_words: Count = Field(
        description="Tokens to generate: words and punctuation marks, or the characters or subwords of the tokenizer.",
    )
    temperature: NonNegative = Field(
        description="Divides the logits: below 1 safer, above 1 more random, 0 always the likeliest token.",
    )
    top_k: CountFromZero = Field(description="Draw only from the k likeliest tokens. 0: no limit.")
    top_p: Share = Field(
        description="Draw only from the fewest tokens that hold this share of the probability. 1: no limit.",
    )
    min_p: Annotated[float, Field(strict=True, ge=0, le=1)] = Field(
        description="Draw only from tokens with at least this share of the likeliest token's probability. 0: no limit.",
    )
    typical_p: Share = Field(
        description="Draw only from the tokens with this share of the probability whose surprisal is nearest to the "
        "expected one (locally typical sampling). 1: no limit.",
    )
    repetition_penalty: Annotated[float, Field(strict=True, ge=1, le=10)] = Field(
        description="Raises the probability of a token among the last 64, prompt included, to this power before "
        "anything is drawn. 1: no penalty.",
    )
    no_repeat_ngram: CountFromZero = Field(
        description="Length of the sequences of tokens that occur only once in a text, prompt included. 0: no limit.",
    )
    seed: Seed = Field(description="Seed of the random choices; the same seed generates the same text.")


def default_sampling(**changes: Any) -> SamplingConfig:
    """Returns the sampling settings of `conf/generate.yaml`.

    Args:
        changes: Settings that replace the defaults, by name.

    Raises:
        InputError: A setting does not exist or has a value that is not allowed.

    >>> default_sampling(num_words=5, temperature=0).num_words
    5
    """
    defaults = yaml.safe_load((conf_dir() / "generate.yaml").read_text(encoding="utf-8"))
    own = {name: defaults[name] for name in SamplingConfig.__annotations__}
    return parse({**own, **changes}, SamplingConfig)

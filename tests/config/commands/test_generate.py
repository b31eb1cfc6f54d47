"""Settings of generation."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from halo.config import DTYPES, GenerateConfig, parse
from halo.config.commands.generate import MAX_SAMPLES, MAX_WORDS
from tests.conftest import compose_config


def test_the_size_of_a_generated_text_is_limited() -> None:
    config = parse(compose_config("generate", ["run=x", "prompt=the"]), GenerateConfig)
    assert replace(config, num_words=MAX_WORDS, num_samples=MAX_SAMPLES).num_words == MAX_WORDS
    changes: list[dict[str, Any]] = [
        {"num_words": MAX_WORDS + 1},
        {"num_samples": MAX_SAMPLES + 1},
        {"dtype": "float64"},
    ]
    for change in changes:
        with pytest.raises(ValueError, match=next(iter(change))):
            replace(config, **change)
    assert {*get_args(GenerateConfig.__annotations__["dtype"])} == {*DTYPES}

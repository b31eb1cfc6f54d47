"""Settings of generation."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from halo.config import DTYPES, GenerateConfig, parse
from halo.config.commands.generate import MAX_SAMPLES, MAX_WORDS
from halo.config.parsing import command_defaults
from halo.runtime.errors import InputError
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


@pytest.mark.parametrize(
    ("stop", "expected"), [(None, []), (".", ["."]), (2020, ["2020"]), ([".", "the end"], [".", "the end"])]
)
def test_stops_are_a_list(stop: object, expected: list[str]) -> None:
    assert parse({**command_defaults("generate"), "stop": stop}, GenerateConfig).stops == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stop": ""}, "stop.*must be a word or string, or a list of them in brackets"),
        ({"stop": []}, "stop.*must be a word or string, or a list of them in brackets"),
        ({"stop": [""]}, "stop.*must be a word or string, or a list of them in brackets"),
        ({"beams": 2, "num_samples": 3}, r"num_samples=3: must be at most beams \(2\)"),
        ({"beams": 2, "num_words": 10_001}, "num_words=10001: must be at most 10,000 with beams"),
        ({"prompt": "a", "prompt_file": "b"}, "prompt_file=b: give one of"),
        ({"interactive": True, "num_samples": 2}, "num_samples=2: must be 1 with interactive=true"),
        ({"interactive": True, "beams": 2}, "beams=2: must be 1 with interactive=true"),
        ({"interactive": True, "output": "x"}, "output=x: cannot be combined with interactive=true"),
        ({"interactive": True, "prompt_file": "-"}, "prompt_file=-: cannot be combined with interactive=true"),
    ],
)
def test_settings_that_exclude_each_other_are_told_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse({**command_defaults("generate"), **changes}, GenerateConfig)
    assert len(str(caught.value).splitlines()) == 1

"""Fields of requests are strict, and those of sampling are settings of `halo.generate`."""

from dataclasses import fields
from typing import Any

import pytest
from pydantic import ValidationError

from halo.config import SamplingConfig
from halo.serving.answers.fields import SAMPLING_NAMES, GenerateFields, NextFields, SeenFields


def test_every_setting_of_sampling_is_a_field() -> None:
    assert {*SAMPLING_NAMES} == {field.name for field in fields(SamplingConfig)}
    given = GenerateFields(text="a", temperature=0, num_words=3, seed=4)
    assert given.sampling() == {"temperature": 0, "num_words": 3, "seed": 4}
    assert NextFields().sampling() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"k": "5"}, {"k": 5.0}, {"k": True}, {"k": 0}, {"k": 10**30}, {"text": 5}, {"text": None}, {"bogus": 1}),
        *({"temperature": -1}, {"temperature": float("nan")}, {"temperature": float("inf")}, {"top_p": 0}),
        *({"min_p": 2}, {"typical_p": 0}, {"repetition_penalty": 0.5}, {"model": 3}),
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NextFields.model_validate(wrong)


def test_a_passage_has_at_least_two_words() -> None:
    with pytest.raises(ValidationError):
        SeenFields(text="a", min_words=1)

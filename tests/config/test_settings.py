"""Every setting of every command has a description; allowed values follow from types."""

from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Le, Lt

from halo.config import SCHEMAS, settings_of
from halo.config.settings import allowed_values

VARIANTS = [
    {group: {"name": name}}
    for group, names in {
        "model": ("lstm", "awd_lstm", "gru", "transformer"),
        "optim": ("sgd", "adam", "adamw"),
        "schedule": ("one_cycle", "cosine", "plateau", "constant"),
        "averaging": ("none", "ema", "nt_asgd"),
    }.items()
    for name in names
]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_setting_is_described_in_a_sentence(name: str) -> None:
    for tree in [{}, *VARIANTS, {"model": {"_target_": "my.Class"}}]:
        for setting in settings_of(SCHEMAS[name], tree).values():
            assert setting.description, setting.key
            assert setting.description[0].isupper() or setting.description.split()[0] in ("norm", "step", "min")
            assert setting.description.endswith("."), setting.key


def test_the_variant_decides_the_settings() -> None:
    keys = settings_of(SCHEMAS["train"], {"model": {"name": "transformer"}}).keys()
    assert "model.heads" in keys
    assert "model.cell" not in keys
    assert "model._target_" in settings_of(SCHEMAS["train"], {"model": {"_target_": "my.Class"}})


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (bool, "true or false"),
        (str, "text"),
        (int, "a whole number"),
        (Annotated[float, Gt(0)], "a number above 0"),
        (Annotated[float, Gt(0), Lt(1)], "a number above 0 and below 1"),
        (Annotated[float, Gt(0), Le(1)], "a number above 0, up to 1"),
        (Annotated[float, Ge(0), Lt(1)], "a number from 0 to below 1"),
        (Annotated[int, Ge(1), Le(2000)] | None, "a whole number from 1 to 2,000, or null"),
        (Literal["a"], "a"),
        (Literal["a", "b", "c"], "a, b or c"),
        (list[str], "a list, each item text"),
        (dict[str, Any], "a mapping of settings"),
    ],
)
def test_allowed_values_are_put_into_words(annotation: Any, words: str) -> None:
    assert allowed_values(annotation) == words

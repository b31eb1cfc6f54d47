"""Search spaces: the values of parameters, and one line for each wrong description."""

import re
from typing import Any

import pytest
from optuna.trial import FixedTrial

from halo.runtime.errors import InputError
from halo.sweeping.search_space import Parameter, combinations_of, grid_of, parse_search_space


def one(description: Any, key: str = "optim.lr") -> Parameter:
    (parameter,) = parse_search_space({key: description})
    return parameter


def test_whole_numbers_stay_whole() -> None:
    layers, rate = one({"low": 1, "high": 4}), one({"low": 1, "high": 4.0})
    assert layers.is_integer
    assert not rate.is_integer
    assert layers.override(2) == "optim.lr=2"
    assert layers.grid() == [1, 2, 3, 4]
    assert one({"low": 64, "high": 256, "step": 64}).grid() == [64, 128, 192, 256]
    assert one({"low": 0.3, "high": 0.7, "step": 0.1}).grid() == [0.3, 0.4, 0.5, 0.6, 0.7]


def test_a_list_is_short_for_choices_and_keys_may_be_nested() -> None:
    nested = parse_search_space({"model": {"hidden": [8, 16], "layers": {"low": 1, "high": 2}}, "optim.lr": None})
    assert [each.key for each in nested] == ["model.hidden", "model.layers"]
    assert nested[0].choices == (8, 16)
    assert combinations_of(nested) == 4


def test_choices_become_settings_in_the_grammar_of_hydra() -> None:
    parameter = one(["a, b", None, True, [2, 5], 1e-5], key="model.subword_lengths")
    stored = parameter.extremes()
    assert stored == ["a, b", None, True, "[2, 5]", 1e-5]
    written = [parameter.override(each).partition("=")[2] for each in stored]
    assert written == ["'a, b'", "null", "true", "[2, 5]", "1e-05"]


def test_a_trial_has_a_value_of_each_kind() -> None:
    assert one({"low": 1, "high": 4}).suggest(FixedTrial({"optim.lr": 3})) == 3
    assert one({"low": 0.1, "high": 0.4, "log": True}).suggest(FixedTrial({"optim.lr": 0.2})) == 0.2
    assert one(["x", [1, 2]]).suggest(FixedTrial({"optim.lr": "[1, 2]"})) == "[1, 2]"


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (5, r"optim\.lr=5: no values to try; give \{low"),
        ({}, "no values to try"),
        ([], r"choices=\[\]: must be a list of values"),
        ({"choices": "ab"}, "choices=ab: must be a list"),
        ([1, 1], r"choices=\[1, 1\]: 1 is named twice"),
        ({"choices": [1], "low": 1}, "but not both"),
        ({"low": 1}, "high=null: must be a number"),
        ({"low": "1", "high": 2}, "low=1: must be a number"),
        ({"low": True, "high": 2}, "low=true: must be a number"),
        ({"low": 2, "high": 1}, "low must not be above high"),
        ({"low": 0, "high": 1, "log": True}, "needs a low above 0"),
        ({"low": 1, "high": 4, "log": True, "step": 1}, "not both"),
        ({"low": 0, "high": 1, "step": 0.3}, "a whole number of steps"),
        ({"low": 0, "high": 1, "step": -1}, "step=-1: must be a number above 0"),
        ({"low": 0, "high": 1, "log": "yes"}, "log=yes: must be true or false"),
        ({"low": 0, "high": 1, "lgo": True}, r"optim\.lr\.lgo: unknown"),
        ({"low": float("nan"), "high": 1}, "low=nan: must be a number"),
    ],
)
def test_a_wrong_description_is_one_line(description: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        one(description)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("search_space.parameters.optim.lr")


def test_an_empty_space_is_one_line() -> None:
    with pytest.raises(InputError, match="nothing to try"):
        parse_search_space({"optim.lr": None})


def test_a_grid_needs_a_finite_and_reasonable_number_of_values() -> None:
    with pytest.raises(InputError, match=re.escape("sampler=grid needs a finite number of values; give choices")):
        grid_of([one({"low": 0.1, "high": 1.0})])
    with pytest.raises(InputError, match="would try 1,000,000 combinations"):
        grid_of(parse_search_space({"a.b": {"low": 1, "high": 1000}, "a.c": {"low": 1, "high": 1000}}))

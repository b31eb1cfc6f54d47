"""Classes of the user's own keep their arguments as given."""

import pytest
from pydantic import TypeAdapter, ValidationError

from halo.config.custom import CustomConfig, CustomModelConfig, names_of, variant_of
from halo.config.optim import AdamConfig, SGDConfig


def test_all_keys_but_the_target_are_arguments() -> None:
    node = {"_target_": "my.Class", "target": 1, "arguments": 2, "name": "x", "ensemble_size": 3}
    config = TypeAdapter(CustomConfig).validate_python(node)
    assert config == CustomConfig("my.Class", {"target": 1, "arguments": 2, "name": "x", "ensemble_size": 3})


def test_a_model_keeps_common_settings_apart() -> None:
    config = TypeAdapter(CustomModelConfig).validate_python({"_target_": "my.Class", "ensemble_size": 3, "size": 4})
    assert (config.ensemble_size, config.init_bias_from_unigram, config.arguments) == (3, False, {"size": 4})


@pytest.mark.parametrize("target", ["os", "", "my class.X", "a..b", "1.a", 5, None])
def test_a_target_is_the_path_of_a_class(target: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CustomConfig).validate_python({"_target_": target})


def test_the_name_or_the_target_selects_the_class() -> None:
    choose = variant_of(SGDConfig, AdamConfig, CustomConfig)
    assert choose({"name": "sgd"}) == "SGDConfig"
    assert choose({"name": "sgd", "_target_": "my.Class"}) == "CustomConfig"
    assert choose(CustomConfig("my.Class", {})) == "CustomConfig"
    assert choose({"name": ["sgd"]}) is None
    assert choose({}) is None
    assert choose(5) is None


def test_without_a_class_for_them_targets_select_nothing() -> None:
    assert variant_of(SGDConfig)({"_target_": "my.Class"}) is None


def test_names_are_those_of_the_class() -> None:
    assert names_of(AdamConfig) == ("adam",)
    assert names_of(CustomConfig) == ()

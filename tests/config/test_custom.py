"""Classes of the user's own keep their arguments as given."""

import pytest
from pydantic import TypeAdapter, ValidationError

from halo.config.custom import CustomConfig, CustomModelConfig


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

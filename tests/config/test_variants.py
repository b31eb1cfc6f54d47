"""A group's `name` or `_target_` selects its settings class."""

from halo.config.custom import CustomConfig
from halo.config.optim import AdamConfig, SGDConfig
from halo.config.variants import names_of, variant_of


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

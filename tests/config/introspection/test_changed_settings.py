"""The changed settings of a run are found, and the arguments made of them give the same settings again."""

import shlex
from typing import Any

import pytest
import yaml

from halo.cli.arguments import hydra_settings
from halo.config import TrainConfig, conf_dir, parse, plain
from halo.config.introspection.changed_settings import Change, find_changes, repeating_arguments
from tests.conftest import compose_config

RUNS = {
    "architecture": ["model=transformer", "model.heads=2", "optim=sgd", "averaging=ema", "logger=csv"],
    "texts and paths": [
        *("data=text", "data.train_path=[a b.txt,'it''s, x.txt']", "data.validation_path=2026", "data.test_path=$t"),
        *("data.table.delimiter=;", "data.cleaning.keep_characters=.,'\"$\\", "samples.prompts=['',it is]"),
    ],
    "experiment": ["experiment=covid_best", "debug=fast", "callbacks=none"],
    "callbacks": [
        *("callbacks.early_stopping=null", "callbacks.checkpoint.save_top_k=3", "trainer.max_time=00:00:10:00"),
        *("+callbacks.own._target_=my.Callback", "+callbacks.own.size=3", "logger=none"),
    ],
}


def settings_of(overrides: list[str]) -> TrainConfig:
    return parse(compose_config("train", [*hydra_settings("train", overrides), "run_dir=x"]), TrainConfig)


@pytest.fixture(scope="module")
def default() -> dict[str, Any]:
    """The settings of a run that changes nothing."""
    return plain(settings_of([]))


@pytest.mark.parametrize("overrides", RUNS.values(), ids=RUNS)
def test_the_arguments_give_the_same_settings(overrides: list[str]) -> None:
    config = settings_of(overrides)
    arguments = repeating_arguments(find_changes(plain(config)))
    assert arguments is not None
    assert plain(settings_of(shlex.split(" ".join(arguments)))) == plain(config)


def test_a_run_with_the_defaults_has_no_changes(default: dict[str, Any]) -> None:
    assert find_changes(default) == []


def test_a_choice_is_one_change_and_the_rest_is_compared_with_its_file(default: dict[str, Any]) -> None:
    gru = yaml.safe_load((conf_dir() / "model" / "gru.yaml").read_text())
    model = {**default["model"], "name": "gru", **{key: each for key, each in gru.items() if key != "defaults"}}
    callbacks = {name: each for name, each in default["callbacks"].items() if name != "early_stopping"}
    assert find_changes({**default, "model": {**model, "hidden": 8}, "callbacks": callbacks}) == [
        Change("model", "gru", "lstm", is_choice=True),
        Change("model.hidden", 8, gru.get("hidden", 256)),
        Change("callbacks.early_stopping", None, "lightning.pytorch.callbacks.EarlyStopping"),
    ]


def test_a_class_of_the_users_own_is_the_choice_of_its_group(default: dict[str, Any]) -> None:
    changes = find_changes({**default, "optim": {"_target_": "my.Sign", "lr": 1}})
    assert changes == [Change("optim", "my.Sign", "adamw", is_choice=True)]
    assert repeating_arguments(changes) is None

"""The settings of trials are checked once, with the messages of halo.train, before anything is started."""

from pathlib import Path
from typing import Any

import pytest

from halo.runtime.errors import InputError
from halo.sweeping.command.trial_settings import TrialSettings, check_trial_settings
from halo.sweeping.search_space import parse_search_space


def check(space: dict[str, Any], *overrides: str) -> TrialSettings:
    return check_trial_settings(overrides, parse_search_space(space), config_dir=None)


def test_the_command_of_a_trial_is_one_of_halo_train() -> None:
    settings = check({"optim.lr": [0.1]}, "model=gru", "seed=3")
    command = settings.command(["optim.lr=0.1"], Path("sweep/trials/0000"))
    assert command[1:4] == ["-m", "halo.train", "model=gru"]
    assert command[-3:] == ["optim.lr=0.1", "run_dir=sweep/trials/0000", "resume=auto"]
    assert settings.shell_command(["optim.lr=0.1"]) == "python -m halo.train model=gru seed=3 optim.lr=0.1"
    assert settings.config.seed == 3


@pytest.mark.parametrize(
    ("space", "overrides", "message"),
    [
        ({"optim.lrr": [1]}, [], r"optim\.lrr: unknown setting; did you mean optim\.lr\?"),
        ({"optim.lr": [0.1]}, ["num_trial=3"], r"num_trial: unknown setting; did you mean num_trials\?"),
        ({"optim.lr": [0.1, -1]}, [], r"search_space\.parameters\.optim\.lr: optim\.lr=-1: must be a number above 0"),
        ({"model.hidden": {"low": 0, "high": 8}}, [], r"model\.hidden=0: must be a whole number"),
        ({"model": ["lstm", "gpt"]}, [], r"model=gpt: choose one of awd_lstm, gru, lstm, transformer"),
        ({"optim.lr": [0.1]}, ["seed=1,2"], r"seed=1,2: several values belong into the search space"),
        ({"optim.lr": [0.1]}, ["optim.lr=0.2"], r"optim\.lr=0\.2: the search space varies optim\.lr; leave it out"),
        ({"optim.lr": [0.1]}, ["run_dir=x"], r"run_dir=x: each trial has a folder of its own"),
        ({"optim.lr": [0.1]}, ["resume=auto"], r"resume=auto: a sweep goes on by itself"),
        ({"optim.lr": [0.1]}, ["find_lr=true"], r"find_lr=true: a sweep compares trained models"),
        ({"run_dir": ["a"]}, [], r"parameters\.run_dir: cannot be varied"),
        ({"optim.lr": [0.1]}, ["model.hidden=x"], r"model\.hidden=x: must be a whole number"),
    ],
)
def test_what_cannot_be_trained_is_one_line(space: dict[str, Any], overrides: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        check(space, *overrides)
    assert "\n" not in str(caught.value)


def test_a_setting_of_a_chosen_variant_is_accepted() -> None:
    assert check({"model": ["gru", "lstm"], "model.hidden": [8, 16]}, "optim=sgd").overrides == ("optim=sgd",)

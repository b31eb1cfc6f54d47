"""One command line holds the settings of a sweep and those of halo.train."""

import pytest

from halo.cli.arguments import Arguments, parse_arguments
from halo.runtime.errors import InputError
from halo.sweeping.command.command_line import separate_settings
from tests.conftest import compose_config


def separated(*arguments: str) -> Arguments:
    return separate_settings(parse_arguments("sweep", arguments))


def test_settings_of_halo_train_are_collected() -> None:
    settings = separated(
        "sampler=random", "optim.lr=0.1", "workers=2", "model=gru", "++trainer.profiler=simple"
    ).settings
    assert settings[:2] == ["sampler=random", "workers=2"]
    composed = compose_config("sweep", settings)
    assert composed.overrides == ["optim.lr=0.1", "model=gru", "++trainer.profiler=simple"]
    assert composed.sampler.name == "random"


@pytest.mark.parametrize("text", ["data.path=it's, a [file]", 'data.path="x"', "data.path=a\\b", "data.path='${x}'"])
def test_untidy_values_reach_halo_train_as_they_were_typed(text: str) -> None:
    (override,) = compose_config("sweep", separated(text).settings).overrides
    assert override.startswith("data.path=")
    assert override == text or override.strip("'") != ""


def test_a_parameter_of_the_search_space_is_added_changed_and_left_out() -> None:
    changes = [
        "search_space.parameters.model.layers=[1,2]",
        "search_space.parameters.optim.lr.high=0.5",
        "~search_space.parameters.model.hidden",
        "+search_space.parameters.model.dropout_output={choices: [0.1]}",
    ]
    composed = compose_config("sweep", separated(*changes).settings)
    parameters = composed.search_space.parameters
    assert parameters["model.layers"] == [1, 2]
    assert parameters["optim.lr"] == {"low": 0.002, "high": 0.5, "log": True}
    assert parameters["model.hidden"] is None
    assert parameters["model.dropout_output"] == {"choices": [0.1]}


def test_settings_given_both_ways_are_joined() -> None:
    composed = compose_config("sweep", separated("overrides=['seed=2']", "optim.lr=1").settings)
    assert composed.overrides == ["seed=2", "optim.lr=1"]


def test_a_multirun_of_hydra_is_refused() -> None:
    for arguments in (["-m"], ["--multirun"], ["hydra.mode=MULTIRUN"]):
        with pytest.raises(InputError, match=r"^-m: halo\.sweep chooses the values itself"):
            separated(*arguments)

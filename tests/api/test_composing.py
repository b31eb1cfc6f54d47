"""Settings for Python calls are composed as on the command line, also from a folder of the user's."""

from pathlib import Path

import pytest

from halo.api.composing import compose_settings
from halo.runtime.errors import InputError


def test_overrides_and_values_are_applied() -> None:
    composed = compose_settings("train", ["model=gru", "seed=7"], config_dir=None, run_dir="a, b'c")
    assert (composed.model.cell, composed.seed, composed.run_dir) == ("gru", 7, "a, b'c")


def test_files_of_a_folder_of_the_user_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "it's, mine"
    (folder / "experiment").mkdir(parents=True)
    (folder / "experiment" / "mine.yaml").write_text("# @package _global_\nseed: 11\n")
    assert compose_settings("train", ["experiment=mine"], config_dir=folder).seed == 11


@pytest.mark.parametrize("override", ["model=gpt", "nothing=1", "=", "seed"])
def test_what_cannot_be_composed_is_one_line(override: str) -> None:
    with pytest.raises(InputError) as caught:
        compose_settings("train", [override], config_dir=None)
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_config_dir_is_an_error() -> None:
    with pytest.raises(InputError, match="config_dir=nowhere: no such folder"):
        compose_settings("train", [], config_dir="nowhere")


def test_a_config_dir_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's a\\b, c"
    (folder / "optim").mkdir(parents=True)
    (folder / "optim" / "own.yaml").write_text("name: adam\nlr: 0.5\nweight_decay: 0\nbetas: [0.9, 0.999]\n")
    assert compose_settings("train", ["optim=own"], config_dir=folder).optim.lr == 0.5

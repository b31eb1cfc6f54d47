"""`--help` explains every setting of a command, in 80 columns."""

import re

import pytest
from omegaconf import OmegaConf

from halo.cli.help import choices, help_text
from halo.config import SCHEMAS
from tests.conftest import compose_config


def keys_of(node: object, prefix: str = "") -> set[str]:
    if not isinstance(node, dict) or not node:
        return {prefix.rstrip(".")}
    return {key for name, below in node.items() for key in keys_of(below, f"{prefix}{name}.")}


@pytest.mark.parametrize(
    ("name", "overrides"), [*((name, []) for name in SCHEMAS), ("train", ["model=transformer", "averaging=ema"])]
)
def test_every_setting_is_explained_in_80_columns(name: str, overrides: list[str]) -> None:
    lines = help_text(name, overrides).splitlines()
    assert max(map(len, lines)) <= 80
    at = {match[1]: number for number, line in enumerate(lines) if (match := re.match(r"  ([\w.]+)(=|$)", line))}
    composed = OmegaConf.to_container(
        compose_config(name, [*overrides, "prompt=x"] if name == "generate" else overrides)
    )
    # Arguments of an argument, which their class documents; and the parameters of a search space.
    nested = re.compile(r"callbacks\.progress_bar\.theme\.|search_space\.parameters\.")
    missing = {key for key in keys_of(composed) if key not in at and not nested.match(key)}
    assert missing == set()
    assert all(re.match(r"      \w|  \w|      \S", lines[number + 1]) for number in at.values())


def test_examples_come_first_and_choices_are_listed() -> None:
    text = help_text("train")
    assert text.index("python -m halo.train data=text") < text.index("run_dir=null")
    assert "choices: awd_lstm, gru, lstm, transformer" in text
    assert "experiment=covid_best" in text
    assert "model.heads" in help_text("train", ["model=transformer"])


def test_choices_are_the_files_of_a_group() -> None:
    assert choices("optim") == ["adam", "adamw", "sgd"]

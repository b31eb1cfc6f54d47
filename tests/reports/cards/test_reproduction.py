"""The command of a card, and the commit of the code."""

import subprocess
from pathlib import Path

import pytest

from halo.config import TrainConfig, plain
from halo.reports.cards import reproduction
from halo.reports.cards.reproduction import command_of, public_arguments, reproduction_facts, source_commit


def test_the_command_has_the_changed_settings(tiny_config: TrainConfig) -> None:
    facts = reproduction_facts(plain(tiny_config), weights_sha256="ab")
    assert "data=text" in facts["arguments"]
    assert "model.hidden=16" in facts["arguments"]
    assert not any("run_dir" in argument for argument in facts["arguments"])
    assert (facts["seed"], facts["weights_sha256"], facts["own_classes"]) == (tiny_config.seed, "ab", [])
    command = command_of(facts["arguments"], is_public=False)
    assert command.startswith("python -m halo.train ")
    assert str(tiny_config.data.path) in command
    assert str(tiny_config.data.path) not in command_of(facts["arguments"], is_public=True)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("model.hidden=16", "model.hidden=16"),
        ("data.path=bundled:covid_discussions.jsonl", "data.path=bundled:covid_discussions.jsonl"),
        ("'data.train_path=/a b.txt'", "data.train_path=LEFT_OUT"),
        ("data.cache_dir=/home/me", "data.cache_dir=LEFT_OUT"),
        ("'samples.prompts=[Dear Anna]'", "samples.prompts=LEFT_OUT"),
        ("+logger.mine.project=secret", "logger.mine.project=LEFT_OUT"),
    ],
)
def test_values_that_name_places_or_quote_are_left_out(argument: str, expected: str) -> None:
    assert public_arguments([argument]) == [expected]


def test_the_commit_is_that_of_the_repository_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(reproduction.__file__).parents[4]
    if not (root / ".git").exists():
        assert source_commit.__wrapped__() is None
        return
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    head = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert source_commit.__wrapped__() in (head, f"{head} with changes")

    def no_git(*_: str) -> str:
        raise FileNotFoundError("git")

    monkeypatch.setattr(reproduction, "_git", no_git)
    assert source_commit.__wrapped__() is None

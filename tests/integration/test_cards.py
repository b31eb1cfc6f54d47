"""The command of a model card, taken from the card and run, gives the same weights; cards are read by a hub."""

import hashlib
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome, Run

COMMAND = re.compile(r"```sh\n(python -m halo\.train[^\n]*)\n```")


def card_of(run: Path) -> str:
    return (run / "bundle" / "README.md").read_text(encoding="utf-8")


def test_the_command_of_the_card_repeats_the_run(trained: Run, command: Callable[..., Outcome], tmp_path: Path) -> None:
    found = COMMAND.search(card_of(trained.folder))
    assert found is not None
    words = shlex.split(found[1])
    done = command("train", *words[3:], f"run_dir={tmp_path / 'again'}")
    assert done.code == 0, done.err
    weights = (tmp_path / "again" / "bundle" / "model.safetensors").read_bytes()
    stated = re.search(r"SHA-256 of `model\.safetensors`: `(\w+)`", card_of(trained.folder))
    assert stated is not None
    assert stated[1] == hashlib.sha256(weights).hexdigest()
    assert COMMAND.search(card_of(tmp_path / "again")) == found or found[1] in card_of(tmp_path / "again")


def test_a_hub_reads_the_cards_of_a_run(trained: Run) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    model = huggingface_hub.ModelCard.load(trained.folder / "bundle" / "README.md")
    assert {each.dataset_split for each in model.data.eval_results} == {"train", "validation", "test"}
    text = huggingface_hub.DatasetCard.load(trained.folder / "bundle" / "data_card.md")
    assert text.data.task_categories == ["text-generation"]
    assert "Energy: about" in model.content

"""private=true: no file of a run, and nothing that it prints, has words of the text; the vocabulary alone has them."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from halo.bundle.validation import read_settings
from tests.conftest import TINY, Outcome, run_command

MARKERS = ["zorblax", "quibbledorf", "fnargle", "vexmoor"]
"""Words that no page or program has by itself; frequent in the text, so that every table of words would show them."""

ALLOWED = {"tokenizer.json", "bundle/tokenizer.json"}
"""The vocabulary, without which the model is of no use."""


def private_text(folder: Path) -> Path:
    """Writes documents full of the markers: with labels, capitals, copies, markup, and long repeated passages."""
    drawn = random.Random(1)
    words = [*MARKERS, "the", "of", "and", "came", "was", "Quibbledorf", "Zorblax", "fine", "late", "day"]
    documents = [
        ". ".join(" ".join(drawn.choices(words, k=9)) for _ in range(8))
        + f". <i>Vexmoor</i> “{number}”…\n\n"
        + "fnargle " * 30
        for number in range(24)
    ]
    folder.mkdir()
    for number, document in enumerate([*documents, *documents[:4]]):
        (folder / f"quibbledorf_{number}.txt").write_text(document, encoding="utf-8")
    return folder


def holding(folder: Path, words: list[str]) -> dict[str, list[str]]:
    """Returns which of some words each file below a folder holds, in whatever case; files without any are left out."""
    held = {}
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = file.read_bytes().lower()
        if found := [word for word in words if word.encode() in content]:
            held[str(file.relative_to(folder))] = found
    return held


def settings(text: Path, cache: Path) -> list[str]:
    return [*TINY, f"data.path={text}", f"data.cache_dir={cache}", "data.tokenizer.min_count=1"]


@pytest.mark.slow
def test_a_private_run_leaves_words_in_its_vocabulary_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text, cache, run = private_text(tmp_path / "text"), tmp_path / "cache", tmp_path / "run"
    changes = settings(text, cache)
    assert run_command("train", [*changes, "private=true", f"run_dir={run}"]) == 0
    assert run_command("report", [f"run={run}", f"cache_dir={cache}", f"output={tmp_path / 'again.html'}"]) == 0
    printed = capfd.readouterr()
    for shown in (printed.out, printed.err):
        assert not [word for word in MARKERS if word in shown.lower()]
    assert "holds its vocabulary" in printed.out + printed.err
    assert holding(run, MARKERS).keys() == ALLOWED
    assert "private: this page has figures" in (run / "report.html").read_text(encoding="utf-8")
    assert read_settings(run / "bundle")["private"] is True  # what shows text of a model asks this
    assert not [word for word in MARKERS if word in (tmp_path / "again.html").read_text(encoding="utf-8").lower()]


@pytest.mark.slow
def test_private_preparation_shows_figures_only(tmp_path: Path, command: Callable[..., Outcome]) -> None:
    text, cache = private_text(tmp_path / "text"), tmp_path / "cache"
    changes = [f"data.path={text}", f"data.cache_dir={cache}", "data=text", "data.tokenizer.min_count=1"]
    private = command("prepare", *changes, "private=true", f"hydra.run.dir={tmp_path / 'private'}")
    assert private.code == 0
    assert not [word for word in MARKERS if word in (private.out + private.err).lower()]
    assert holding(tmp_path / "private", MARKERS) == {}
    assert (tmp_path / "private" / "data_report.html").exists()
    open_text = command("prepare", *changes, f"hydra.run.dir={tmp_path / 'open'}")
    assert "data_report.html" in holding(tmp_path / "open", MARKERS)  # so the text would be shown
    assert open_text.code == 0


def test_prompts_are_refused(command: Callable[..., Outcome], tmp_path: Path) -> None:
    text = private_text(tmp_path / "text")
    outcome = command("train", *settings(text, tmp_path / "cache"), "private=true", "samples.prompts=[zorblax]")
    assert outcome.code == 2
    assert "samples.prompts=[zorblax]: must be null with private=true" in outcome.err

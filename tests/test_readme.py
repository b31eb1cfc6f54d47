"""The commands of the README run as they stand there, on a small text."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import TINY, Outcome, Run

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
LINES = [shlex.split(line, comments=True) for block in BLOCKS for line in block.splitlines()]
COMMANDS = [line for line in LINES if line[:2] == ["python", "-m"]]
SMALLER = [each for each in TINY if not each.startswith(("data=", "trainer=", "model."))]


def test_there_are_commands_for_everything() -> None:
    modules = {line[2] for line in COMMANDS}
    assert modules == {"halo.train", "halo.prepare", "halo.generate", "halo.evaluate"}
    assert ["make", "train"] in LINES
    assert ["make", "test"] in LINES


@pytest.mark.parametrize("line", COMMANDS, ids=" ".join)
def test_a_command_of_the_readme_runs(
    line: list[str], command: Callable[..., Outcome], trained: Run, corpus_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "trainer.strategy=ddp" in line:
        pytest.skip("starts processes of its own; tests/test_commands.py::test_two_processes_are_one runs it")
    monkeypatch.chdir(trained.started_in)
    name = line[2].removeprefix("halo.")
    arguments = [
        each.replace("outputs/train/DATE/TIME", str(trained.folder)).replace("FILE_OR_FOLDER", str(corpus_file))
        for each in line[3:]
        if each != "trainer.accelerator=gpu"  # left to a machine that has one
    ]
    if name == "train":
        arguments += [*SMALLER, "trainer.accelerator=cpu", "trainer.max_epochs=1"]
        if "data=text" not in arguments:
            arguments += [f"data.path={corpus_file}"]
        if "experiment=semblance_halo" in arguments:
            arguments += ["data.window_tokens=8"]
    outcome = command(name, *arguments)
    assert outcome.code == 0, outcome.err
    assert outcome.out.strip()

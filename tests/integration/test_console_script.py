"""The `halo` program: lists the commands, and runs one as `python -m halo.COMMAND` does."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from halo.__main__ import main
from tests.conftest import EXHAUSTIVE


def halo(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_alone_it_lists_the_commands(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["halo", *arguments])
    main()
    printed = capsys.readouterr().out
    for name in ("train", "prepare", "evaluate", "generate"):
        assert f"\n  {name}" in printed


@pytest.mark.parametrize(
    ("name", "hint"),
    [("trian", "did you mean train?"), ("zyzzyva", "`halo --help` lists the commands"), ("cli", "`halo --help` lists")],
)
def test_an_unknown_command_is_refused(
    name: str, hint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["halo", name])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith(f"error: '{name}': unknown command; {hint}")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["data.batch_size=0"], pytest.param(["--cfg", "job"], marks=EXHAUSTIVE)]
)
def test_a_command_behaves_as_its_module(arguments: list[str], tmp_path: Path) -> None:
    as_program = halo("halo", "prepare", *arguments, folder=tmp_path)
    as_module = halo("halo.prepare", *arguments, folder=tmp_path)
    assert as_program.args != as_module.args
    assert (as_program.returncode, as_program.stdout, as_program.stderr) == (
        as_module.returncode,
        as_module.stdout,
        as_module.stderr,
    )
    assert not any(tmp_path.iterdir())


def test_the_installed_program_is_this_one() -> None:
    installed = [each for each in entry_points(group="console_scripts") if each.name == "halo"]
    if not installed:
        pytest.skip("the package is installed without its console script; `make install` installs it")
    assert installed[0].load() is main

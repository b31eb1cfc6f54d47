"""The list of commands is complete, short and found without importing a command."""

import subprocess
import sys

from halo.cli.command_list import PACKAGE, command_list, commands


def test_every_module_at_the_top_is_a_command_with_a_description() -> None:
    assert set(commands()) >= {"train", "prepare", "evaluate", "generate"}
    assert set(commands()) == {file.stem for file in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    for name, description in commands().items():
        assert description[:1].isupper(), name
        assert description.endswith("."), name


def test_the_list_has_one_line_for_each_command_and_fits_a_terminal() -> None:
    lines = command_list().splitlines()
    assert all(len(line) <= 80 for line in lines)
    for name, description in commands().items():
        assert sum(line.split() == [name, *description.split()] for line in lines) == 1


def test_listing_imports_neither_hydra_nor_torch() -> None:
    code = "import sys, halo.__main__ as m; sys.argv = ['halo']; m.main(); print({'hydra', 'torch'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"

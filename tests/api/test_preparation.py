"""`halo.prepare`: the function, beside a command module of the same name."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import halo


def test_a_text_is_prepared_once(corpus_file: Path, tmp_path: Path) -> None:
    overrides = ["data=text", f"data.path={corpus_file}", f"data.cache_dir={tmp_path}", "data.batch_size=4"]
    corpus = halo.prepare(*overrides)
    assert corpus.folder.parent == tmp_path
    assert corpus.ids["train"].size == corpus.counts["train"].tokens
    assert halo.prepare(*overrides).folder == corpus.folder
    with pytest.raises(halo.InputError, match="pth"):
        halo.prepare("data.pth=x")


def test_importing_the_command_leaves_the_function_in_place() -> None:
    command = importlib.import_module("halo.prepare")
    assert callable(command.main)
    assert callable(halo.prepare)
    assert halo.prepare is not command  # type: ignore[comparison-overlap]
    assert sys.modules["halo.prepare"] is command


@pytest.mark.parametrize(
    "program",
    [
        "import halo, halo.prepare; halo.prepare",
        "import halo.prepare, halo; halo.prepare",
        "from halo.prepare import main; import halo; halo.prepare",
        "import halo; function = halo.prepare; import halo.prepare; assert function is halo.prepare; function",
        "import importlib, halo; importlib.import_module('halo.prepare').main; halo.prepare",
        "from halo import prepare; import halo.prepare; prepare",
    ],
)
def test_the_function_wins_in_whatever_order_things_are_imported(program: str) -> None:
    *before, last = program.split("; ")
    check = f"{'; '.join(before)}; import types; assert isinstance({last}, types.FunctionType), {last}"
    subprocess.run([sys.executable, "-c", check], check=True)

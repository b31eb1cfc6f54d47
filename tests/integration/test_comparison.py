"""`halo compare` from the command line, on run folders that no model was trained for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome
from tests.support.compared_runs import write_run

Command = Callable[..., Outcome]

UNTIDY = ["my run, (1)", "a=b", "it's ${x}", "[b]", "~c", "übung"]


def test_paths_given_alone_are_taken_as_they_are(command: Command, tmp_path: Path) -> None:
    for number, name in enumerate(UNTIDY):
        write_run(tmp_path / name, nll=4 + number / 10, noise=number, optim__lr=number)
    done = command("compare", *(f"./{name}" if name == "~c" else name for name in UNTIDY), "split=test")
    assert done.code == 0, done.err
    assert all(name in done.out for name in UNTIDY)
    (file,) = tmp_path.glob("outputs/compare/*/*/comparison.json")
    assert [run["name"] for run in json.loads(file.read_text())["runs"]] == UNTIDY


def test_a_pattern_a_list_and_a_file(command: Command, tmp_path: Path) -> None:
    for number in range(3):
        write_run(tmp_path / "sweep" / str(number), nll=4 + number / 10, noise=number, optim__lr=number)
    assert "lr" in command("compare", "sweep/[01]").out
    done = command("compare", "runs=sweep/0,sweep/2", "output=tables/runs.csv", "reference=sweep/2")
    assert done.code == 0
    assert done.out == ""
    assert "Comparison: tables/runs.csv" in done.err
    assert len((tmp_path / "tables" / "runs.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: runs=null: give at least two runs"),
        (["a"], "error: only one run: "),
        (["a", "missing"], "error: missing: no such folder; give run folders"),
        (["a", "empty"], "error: only one run: "),
        (["a", "b", "output=empty"], "error: output=empty: must end in .csv, .md, .json, .txt"),
        (["a", "b", "output=x.md", "format=csv"], "error: output=x.md: does not fit format=csv"),
        (["a", "b", "output=notes.md"], "error: output=notes.md: exists and is no comparison"),
        (["a", "b", "reference=c"], "error: reference=c: not among the finished runs; give one of them, such as a, b"),
        (["a", "runs=b"], "error: a: runs are given alone or as runs=A,B, not both"),
        (["a", "b", "spilt=test"], "error: spilt: unknown setting; did you mean split?"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    command: Command, tmp_path: Path, arguments: list[str], message: str
) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / name, nll=4 if name == "a" else 4.5, optim__lr=len(name))
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("notes")
    done = command("compare", *arguments)
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith(message)
    assert not (tmp_path / "outputs").exists()
    assert not (tmp_path / "x.md").exists()

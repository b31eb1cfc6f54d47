"""Comparisons as files."""

import csv
import json
import re
from pathlib import Path

import pytest

from halo.comparing.compare import compare_runs
from halo.comparing.comparison import Comparison
from halo.comparing.output.files import BEGINNINGS, render, require_writable, write_file
from halo.runtime.errors import InputError
from tests.support.compared_runs import write_run

NAMES = ["=1+1", "a|b `c`"]


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    for number, name in enumerate(NAMES):
        write_run(tmp_path / "runs" / name, nll=4 + number / 10, noise=number, optim__name=name)
    write_run(tmp_path / "runs" / "@c", finished=False)
    return compare_runs([str(tmp_path / "runs")])


def test_csv_has_a_row_for_each_run_and_no_formulas(comparison: Comparison) -> None:
    rows = list(csv.DictReader(render(comparison, "csv").splitlines()))
    assert [row["run"] for row in rows] == ["'=1+1", "a|b `c`", "'@c"]
    assert [row["rank"] for row in rows] == ["1", "2", ""]
    assert rows[1]["optim.name"] == "a|b `c`"
    assert float(rows[1]["test_difference"]) > 0
    assert float(rows[1]["documents_p_value"]) < 0.05
    assert rows[2]["status"] == "failed"
    assert rows[2]["test_perplexity"] == ""


def test_markdown_has_as_many_cells_in_each_row(comparison: Comparison) -> None:
    text = render(comparison, "markdown")
    assert r"a\|b \`c\`" in text
    tables: dict[int, set[int]] = {}
    for number, block in enumerate(text.split("\n\n")):
        for line in block.splitlines():
            if line.startswith("|"):
                tables.setdefault(number, set()).add(len(re.findall(r"(?<!\\)\|", line)))
    assert len(tables) == 3
    assert all(len(counts) == 1 for counts in tables.values())


def test_json_has_everything(comparison: Comparison) -> None:
    plain = json.loads(render(comparison, "json"))
    assert [run["name"] for run in plain["runs"]] == [*NAMES, "@c"]
    assert plain["differences"][0]["splits"]["test"]["over_documents"]["p_value"] < 0.05


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_comparison_replaces_another_but_nothing_else(comparison: Comparison, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "new" / "folder" / "a"
    write_file(comparison, str(file), kind)
    write_file(comparison, str(file), kind)
    assert file.read_text().startswith(BEGINNINGS[kind])
    file.write_text("my notes")
    with pytest.raises(InputError, match="exists and is no comparison"):
        write_file(comparison, str(file), kind)
    assert file.read_text() == "my notes"


def test_a_file_that_cannot_be_written_is_refused(comparison: Comparison, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        require_writable(str(tmp_path), "csv")
    for output in (f"{tmp_path}/{'x' * 300}.csv/a.csv", "a\0.csv"):
        with pytest.raises(InputError) as refused:
            write_file(comparison, output, "csv")
        assert "\n" not in str(refused.value)

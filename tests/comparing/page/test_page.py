"""The page is one file that needs nothing else, and holds whatever names and settings the runs have."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from halo.comparing.comparison import Comparison
from halo.comparing.page import write_page
from halo.comparing.page.page import hash_of, render
from halo.runtime.errors import InputError
from tests.support.comparisons import compared_run, comparison_of, sweep
from tests.support.report_pages import HOSTILE, Page

plotly = pytest.importorskip("plotly.offline", reason="needs the extra `compare`")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out what takes seconds, Plotly and Optuna; tests/integration/test_comparison_page.py has both."""
    monkeypatch.setattr("plotly.offline.get_plotlyjs", lambda: "/* the library */")
    monkeypatch.setattr("halo.comparing.page.sections.MIN_RUNS", 1000)


def test_the_page_is_self_contained(tmp_path: Path) -> None:
    text = render(sweep(12, folder=tmp_path), tmp_path)
    read = Page(text)
    assert {"img", "iframe", "base", "link"}.isdisjoint(tag for tag, _ in read.elements)
    assert not {*read.values("src")}
    assert [each for each in read.values("href") if not each.startswith("#")] == []
    assert len(read.values("id")) == len({*read.values("id")})
    tables = sum(tag == "table" for tag, _ in read.elements)
    assert tables == sum(tag == "caption" for tag, _ in read.elements) == 4
    assert "lr=0.004 is best" in read.text
    assert render(sweep(12, folder=tmp_path), tmp_path) == text


def test_only_the_scripts_of_the_page_are_permitted(tmp_path: Path) -> None:
    text = render(sweep(3, folder=tmp_path), tmp_path)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (policy,) = re.findall(r'content="(default-src[^"]*)"', text)
    assert [f"'{hash_of(script)}'" for script in scripts] == policy.partition("script-src ")[2].split()
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_charts_are_data_that_can_be_read(tmp_path: Path) -> None:
    text = render(sweep(12, folder=tmp_path), tmp_path)
    figures = re.findall(r'<script type="application/json" id="figure-(\w+)">(.*?)</script>', text, re.DOTALL)
    assert [name for name, _ in figures] == ["differences", "curves", "settings"]
    assert all(json.loads(content)["data"] for _, content in figures)


def hostile(folder: Path) -> Comparison:
    settings = {HOSTILE: HOSTILE, "b": "'\"`|", "c": "🙂"}
    names = [f"{HOSTILE}{number}" for number in range(9)]
    runs = [
        compared_run(number, 80.0 + number, settings, folder=folder, name=name, group=name)
        for number, name in enumerate(names)
    ]
    runs.append(compared_run(9, None, settings, folder=folder, name="</script><script>alert(1)", reason=HOSTILE))
    changes = {key: [HOSTILE] for key in ("summary", "obstacles", "notes")}
    return comparison_of(runs, {HOSTILE: HOSTILE, "b": "</title>", "c": "c"}, **changes)


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    text = render(hostile(tmp_path), tmp_path)
    read = Page(text)
    assert sum(tag == "script" for tag, _ in read.elements) == 2 + len(re.findall("application/json", text))
    assert "img" not in {tag for tag, _ in read.elements}
    assert not any(name.startswith("on") for _, attributes in read.elements for name in attributes)
    assert "\u202e" not in text
    assert read.text.count("alert(1)") > 10


@pytest.mark.parametrize("number", [0, 1, 2])
def test_few_runs_have_a_page(number: int, tmp_path: Path) -> None:
    runs = [compared_run(index, None if index else 80.0, {}, folder=tmp_path) for index in range(number)]
    text = render(comparison_of(runs, {}, summary=[]), tmp_path)
    assert f"Comparison of {number} run{'' if number == 1 else 's'}" in Page(text).text
    assert ("Runs without figures" in text) == (number == 2)


def test_two_hundred_runs_with_many_settings_fit(tmp_path: Path) -> None:
    varied = {f"key{number}": f"key{number}" for number in range(30)}
    settings = dict.fromkeys(varied, 1.5)
    runs = [compared_run(index, 80.0 + index, settings, folder=tmp_path) for index in range(200)]
    text = render(comparison_of(runs, varied), tmp_path)
    assert len(text) < 3e6
    assert "18 more settings vary" in text


def test_the_page_is_written_into_a_new_folder_or_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = comparison_of([compared_run(0, 80.0, {}, folder=tmp_path)])
    write_page(comparison, tmp_path / "new" / "comparison.html")
    assert (tmp_path / "new" / "comparison.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match=r"new: the page cannot be written \(Is a directory\); name another file"):
        write_page(comparison, tmp_path / "new")
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(InputError, match=r"needs the package plotly; pip install 'semblance-halo\[compare\]'"):
        write_page(replace(comparison), tmp_path / "other.html")
    assert not (tmp_path / "other.html").exists()


def test_an_earlier_page_is_replaced_and_no_other_file(tmp_path: Path) -> None:
    comparison = comparison_of([compared_run(0, 80.0, {}, folder=tmp_path)])
    file = tmp_path / "comparison.html"
    file.touch()
    write_page(comparison, file)
    write_page(comparison, file)
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(InputError, match=r"page=.*notes\.txt: not a page of halo\.compare; name another file"):
        write_page(comparison, tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "notes"

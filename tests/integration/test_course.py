"""The chapters of the course: the form that docs/course/index.md describes; `make docs` runs them all."""

import ast
import re
import runpy
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import jupytext
import matplotlib.pyplot as plt
import pytest

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "docs" / "course"
CHAPTERS = sorted(COURSE.glob("[0-9][0-9]_*.py"))
NAMES = (
    *("01_counting_words", "02_text_to_ids", "03_neural_bigram", "04_recurrent_network", "05_exploding_gradients"),
    *("06_lstm", "07_overfitting", "08_small_data", "09_sampling", "10_attention", "11_responsibility"),
)
LIBRARIES = {"halo", "torch", "numpy", "matplotlib", "sklearn", "scipy", "lightning"}
WRITES = {"savefig", "write_text", "write_bytes", "mkdir", "save", "save_file", "savez", "to_csv"}

Cells = list[Any]


def cells_of(chapter: Path) -> Cells:
    return jupytext.read(chapter).cells  # type: ignore[no-any-return]


def is_solution(cell: Any) -> bool:
    return "solution" in cell.metadata.get("tags", [])


def code_of(cells: Cells) -> Iterator[tuple[Any, ast.Module]]:
    return ((cell, ast.parse(cell.source)) for cell in cells if cell.cell_type == "code")


def text_of(cells: Cells) -> str:
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def num_asserts(cell: Any) -> int:
    return sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source)))


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Returns the name, without what stands before its last point, and the node of each call."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            found.append((node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id, node))
    return found


def test_chapters_have_the_names_that_others_link_to() -> None:
    assert {file.stem for file in CHAPTERS} == {file.stem for file in COURSE.glob("*.py")} == {*NAMES}
    index = (COURSE / "index.md").read_text(encoding="utf-8")
    assert {*re.findall(r"\]\((\d\d_\w+)\.py\)", index)} == {*NAMES}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda file: file.stem)
class TestForm:
    def test_one_title_with_the_number_of_the_chapter(self, chapter: Path) -> None:
        titles = re.findall(r"^# .*", text_of(cells_of(chapter)), flags=re.MULTILINE)
        assert len(titles) == 1, titles
        assert cells_of(chapter)[0].source.startswith(f"# {int(chapter.stem[:2])}. ")

    def test_it_is_a_notebook_for_python(self, chapter: Path) -> None:
        notebook = jupytext.read(chapter)
        assert notebook.metadata["kernelspec"]["name"] == "python3"
        assert notebook.metadata["jupytext"]["text_representation"]["format_name"] == "percent"

    def test_each_prediction_is_answered_by_code_with_asserts(self, chapter: Path) -> None:
        cells = [cell for cell in cells_of(chapter) if not is_solution(cell)]
        at = [index for index, cell in enumerate(cells) if "> **Predict.**" in cell.source]
        assert at, "a chapter asks for a prediction"
        for first, after in pairwise([*at, len(cells)]):
            answers = [cell for cell in cells[first:after] if cell.cell_type == "code"]
            assert sum(map(num_asserts, answers)) > 0, cells[first].source

    def test_three_exercises_with_a_tested_solution_each(self, chapter: Path) -> None:
        cells = cells_of(chapter)
        headings = {index: re.findall(r"^### (Exercise \d)$", cell.source, re.M) for index, cell in enumerate(cells)}
        at = [index for index, found in headings.items() if found]
        assert [headings[index] for index in at] == [["Exercise 1"], ["Exercise 2"], ["Exercise 3"]]
        assert not any(is_solution(cell) for cell in cells[: at[0]])
        for first, after in pairwise([*at, len(cells)]):
            following = cells[first + 1 : after]
            solution = [cell for cell in following if is_solution(cell)]
            assert following[: len(solution)] == solution, "the solution comes right after its exercise"
            assert sum(num_asserts(cell) for cell in solution if cell.cell_type == "code") > 0, cells[first].source
            assert all(cell.cell_type == "markdown" for cell in following[len(solution) :])

    def test_important_numbers_are_asserted(self, chapter: Path) -> None:
        shown = [cell for cell in cells_of(chapter) if cell.cell_type == "code" and not is_solution(cell)]
        assert sum(map(num_asserts, shown)) >= 4

    def test_figures_have_a_text_and_a_cell_of_their_own(self, chapter: Path) -> None:
        figures = 0
        for cell, tree in code_of(cells_of(chapter)):
            names = [name for name, _ in calls(tree)]
            made = sum(name in ("subplots", "figure", "subplot_mosaic") for name in names)
            assert made <= 1, "one figure a cell"
            assert "show" not in names, "plt.show() opens a window"
            assert len(cell.metadata.get("alt", "")) >= 30 * made, cell.source
            assert made or "alt" not in cell.metadata, f"no figure: {cell.source}"
            figures += made
        assert figures, "a chapter has a picture of its idea"

    def test_links_lead_to_files_of_the_repository(self, chapter: Path) -> None:
        targets = re.findall(r"\]\(([^()\s]+)\)", text_of(cells_of(chapter)))
        files = {target.partition("#")[0] for target in targets if not target.startswith("https://")}
        for file in files:
            assert (COURSE / file).is_file() or file.removesuffix(".py") in NAMES, file
        following = [f"{name}.py" for name in NAMES if name > chapter.stem][:1]
        assert {*following} <= files, "a chapter links to the next one"
        assert any(file.startswith("../") for file in files), "a chapter links to the documentation"

    def test_it_stands_alone_and_writes_only_temporary_files(self, chapter: Path) -> None:
        tree = ast.parse("\n\n".join(cell.source for cell, _ in code_of(cells_of(chapter))))
        imported = {
            name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or "."] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            )
        }
        assert imported <= LIBRARIES | sys.stdlib_module_names
        for name, call in calls(tree):
            if name == "fit" and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "halo":
                assert "run_dir" in [keyword.arg for keyword in call.keywords], ast.unparse(call)
                assert "tempfile" in imported, "a run goes into a temporary folder"
            assert name not in {*WRITES, "open"} or "tempfile" in imported, ast.unparse(call)

    def test_no_paths_of_one_machine(self, chapter: Path) -> None:
        source = chapter.read_text(encoding="utf-8")
        assert not re.findall(r"""["'(\s](?:/(?:home|work|tmp|Users|root|usr)/|~/|[A-Z]:\\)\S*""", source)


@pytest.mark.slow
def test_a_chapter_runs_and_writes_nothing_but_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    runpy.run_path(str(CHAPTERS[0]))
    plt.close("all")
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.glob("*/*")] == ["outputs/cache"]

"""Executed chapters as pages of the site, and as notebooks to download."""

import base64
import re
from pathlib import Path
from typing import Any

from docs.site.chapters import ChapterError, Executed, read_chapter, without_colours
from docs.site.pages import ROOT, relative, with_github_links, with_site_links


def write_chapter(executed: Executed, folder: Path, *, root: Path = ROOT) -> None:
    """Writes the page of a chapter, its figures, its script, and a notebook without solutions and outputs.

    Args:
        executed: The chapter.
        folder: Where to; the files are named after the chapter.
        root: The repository, for links.
    """
    import nbformat

    folder.mkdir(parents=True, exist_ok=True)
    source = executed.source.relative_to(root).as_posix()
    page = Page(executed, folder)
    name = executed.source.stem
    (folder / f"{name}.md").write_text(with_site_links(page.text(), source), encoding="utf-8")
    (folder / f"{name}.py").write_text(executed.source.read_text(encoding="utf-8"), encoding="utf-8")
    exercise = read_chapter(executed.source)
    exercise.cells = [cell for cell in exercise.cells if not is_solution(cell)]
    for cell in exercise.cells:
        if cell.cell_type == "markdown":
            cell.source = with_github_links(cell.source, source)
    nbformat.write(exercise, folder / f"{name}.ipynb")  # type: ignore[no-untyped-call]


def is_solution(cell: Any) -> bool:
    """Whether a cell belongs to the solution of an exercise."""
    return "solution" in cell.metadata.get("tags", [])


class Page:
    """A chapter in Markdown, with the outputs of its cells; solutions are folded.

    Args:
        executed: The chapter.
        folder: Where its figures are written.
    """

    def __init__(self, executed: Executed, folder: Path) -> None:
        self.source = executed.source
        self.cells = executed.notebook.cells
        self.cpu_seconds = executed.cpu_seconds
        self.folder = folder
        self.num_figures = 0

    def text(self) -> str:
        """Returns the page, and writes its figures."""
        blocks: list[str] = []
        in_solution = False
        for number, cell in enumerate(self.cells, start=1):
            block = self.cell_text(cell, number)
            if is_solution(cell):
                if not in_solution:
                    blocks.append('??? success "Solution"')
                block = re.sub(r"^(?=.)", "    ", block, flags=re.MULTILINE)
            in_solution = is_solution(cell)
            blocks.append(block)
        text = "\n\n".join(blocks) + "\n"
        return re.sub(r"^(# .*\n)", rf"\1\n{self.files_line()}\n", text, count=1, flags=re.MULTILINE)

    def files_line(self) -> str:
        """Returns the line below the title: what to download, and how long the chapter runs."""
        name = self.source.stem
        seconds = max(round(self.cpu_seconds), 1)
        return (
            f"[Notebook](./{name}.ipynb){{ download }} without solutions, [script](./{name}.py){{ download }} "
            f"with them. The outputs are those of {seconds} seconds on one core.\n{{ .chapter-files }}\n"
        )

    def cell_text(self, cell: Any, number: int) -> str:
        """Returns a cell with its outputs in Markdown."""
        if cell.cell_type == "markdown":
            return str(cell.source)
        blocks = [fenced(cell.source, "python")]
        printed = ""
        for output in cell.outputs:
            if output.output_type == "stream":
                printed += output.text
                continue
            blocks += printed_block(printed)
            printed = ""
            if "image/png" in output.data:
                blocks.append(self.figure(cell, output.data["image/png"], number))
            elif "text/html" in output.data and not is_solution(cell):
                blocks.append(f'<div class="cell-output">{output.data["text/html"]}</div>')
            else:
                blocks += printed_block(output.data.get("text/plain", ""))
        return "\n\n".join(blocks + printed_block(printed))

    def figure(self, cell: Any, data: str, number: int) -> str:
        """Writes a figure and returns the image with its alternative text.

        Raises:
            ChapterError: The cell has none.
        """
        if not cell.metadata.get("alt"):
            raise ChapterError(
                f'{relative(self.source)}, cell {number}: makes a figure; add alt="TEXT" to its `# %%` line'
            )
        self.num_figures += 1
        name = f"{self.source.stem}_{self.num_figures}.png"
        (self.folder / name).write_bytes(base64.b64decode(data))
        return f"![{cell.metadata['alt']}](./{name}){{ .cell-figure }}"


def fenced(text: str, language: str) -> str:
    """Returns a block of code, with a fence longer than any in the text."""
    longest = max((len(fence) for fence in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def printed_block(text: str) -> list[str]:
    r"""Returns a block of what a cell printed, or none where it printed nothing; of progress bars, their last state.

    Example:
        >>> printed_block("10 %\r100 %\n")
        ['```{ .text .cell-output }\n100 %\n```']
        >>> printed_block("")
        []
    """
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in without_colours(text).rstrip().split("\n")]
    return [fenced("\n".join(lines), "{ .text .cell-output }")] if text.strip() else []

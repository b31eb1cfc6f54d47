"""Runs the chapters of the course, each in a fresh kernel, and keeps the executed notebooks."""

import hashlib
import os
import re
import resource
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from docs.site.pages import ROOT, relative

SHARP_FIGURES = "from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('retina')"
MAX_SECONDS_OF_A_CELL = 900
CODE_THAT_CHAPTERS_USE = ("src/halo/**/*.py", "src/halo/corpora/*", "conf/**/*.yaml", "requirements.lock")


class ChapterError(Exception):
    """A chapter that did not run to its end: which, where and why, in one or two lines."""


@dataclass(frozen=True)
class Executed:
    """An executed chapter: its source, its notebook with outputs, and what running it took."""

    source: Path
    notebook: Any
    cpu_seconds: float
    was_kept: bool
    """Whether the outputs are those of an earlier build, from the same source and code."""


def run_chapters(sources: Sequence[Path], kept: Path, *, jobs: int = 2, root: Path = ROOT) -> list[Executed]:
    """Runs chapters, several side by side, unless neither they nor the code of the project changed.

    Args:
        sources: Python scripts in jupytext's percent format.
        kept: Folder of executed notebooks, named by the hash of all that they depend on.
        jobs: How many run at a time, on one thread each.
        root: The folder in which they run.

    Raises:
        ChapterError: Chapters failed; it names each with the cell, its line and the error.
    """
    import nbformat

    kept.mkdir(parents=True, exist_ok=True)
    code = code_digest()
    files = {source: kept / f"{source.stem}-{digest(code, source.read_bytes())}.ipynb" for source in sources}
    missing = [source for source, file in files.items() if not file.exists()]
    failures = []
    # One process a chapter, so that what it reports of its child is the time of that chapter's kernel.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        started = [pool.submit(_run_and_keep, source, files[source], root) for source in missing]
        for source, future in zip(missing, started, strict=True):
            try:
                print(f"  {relative(source)}: {future.result():.0f} s of one core", flush=True)
            except ChapterError as error:
                failures.append(str(error))
    if failures:
        raise ChapterError("\n".join(failures))
    executed = []
    for source, file in files.items():
        notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
        executed.append(Executed(source, notebook, notebook.metadata["cpu_seconds"], source not in missing))
    for outdated in {*kept.glob("*.ipynb")} - {*files.values()}:
        outdated.unlink()
    return executed


def digest(*parts: bytes) -> str:
    """Returns a hash of bytes, as 16 hexadecimal digits."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def code_digest() -> bytes:
    """Returns a hash of the code, settings, corpus and versions that chapters depend on, and of this file."""
    files = sorted({file for pattern in CODE_THAT_CHAPTERS_USE for file in ROOT.glob(pattern) if file.is_file()})
    return digest(sys.version.encode(), *(file.read_bytes() for file in [*files, Path(__file__)])).encode()


def read_chapter(source: Path) -> Any:
    """Returns a chapter as a notebook without outputs."""
    import jupytext

    return jupytext.read(source, fmt="py:percent")


def _run_and_keep(source: Path, target: Path, root: Path) -> float:
    """Runs one chapter in a kernel of its own; keeps the executed notebook and returns the processor's seconds."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    os.environ |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    notebook = read_chapter(source)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(SHARP_FIGURES))  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        timeout=MAX_SECONDS_OF_A_CELL,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=40"],  # or it warns of an unencrypted port on this machine
        resources={"metadata": {"path": str(root)}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise ChapterError(describe_failure(source, notebook, error)) from None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    del notebook.cells[0]
    notebook.metadata["cpu_seconds"] = round(used.ru_utime + used.ru_stime, 1)
    part = target.with_suffix(".part")
    nbformat.write(notebook, part)  # type: ignore[no-untyped-call]
    part.replace(target)
    return float(notebook.metadata["cpu_seconds"])


def describe_failure(source: Path, notebook: Any, error: Exception) -> str:
    """Returns which cell of a chapter failed, on which line, and how.

    Args:
        source: The script.
        notebook: The notebook as far as it ran, with the cell that makes figures sharp in front.
        error: What the client raised.
    """
    number = next(
        (n for n, cell in enumerate(notebook.cells) if any(o.output_type == "error" for o in cell.get("outputs", []))),
        next((n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and not has_run(cell)), 0),
    )
    lines = source.read_text(encoding="utf-8").splitlines()
    markers = [line for line, text in enumerate(lines, start=1) if re.match(r"# %%", text)]
    where = f" (line {markers[number - 1]})" if 0 < number <= len(markers) else ""
    outputs = [output for output in notebook.cells[number].get("outputs", []) if output.output_type == "error"]
    if not outputs:
        return f"{relative(source)}, cell {number}{where}: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
    failed = re.findall(r"^-+> \d+ (.*)$", without_colours("\n".join(outputs[0].traceback)), flags=re.MULTILINE)
    statement = f"\n  {failed[0].strip()}" if failed else ""
    return f"{relative(source)}, cell {number}{where}: {outputs[0].ename}: {outputs[0].evalue}".rstrip(": ") + statement


def has_run(cell: Any) -> bool:
    """Whether a cell of code came to its end."""
    return cell.execution_count is not None and "shell.execute_reply" in cell.metadata.get("execution", {})


def without_colours(text: str) -> str:
    r"""Returns a text without the control sequences of terminals.

    Example:
        >>> without_colours("\x1b[31mred\x1b[0m")
        'red'
    """
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)

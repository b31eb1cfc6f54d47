"""`halo.show` on the tiny trained run: the terminal, the page, and that nothing in the run changes."""

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Outcome, Run


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_run_is_shown_from_text_to_gradient(command: Callable[..., Outcome], trained: Run, tmp_path: Path) -> None:
    before = contents(trained.folder)
    cache = f"data.cache_dir={trained.started_in / 'outputs' / 'cache'}"
    ran = command("show", str(trained.folder), cache, "sentence=The virus, at 38 °C!", "output=lesson.html")
    assert (ran.code, ran.err) == (0, "")
    assert "1. Text" in ran.out
    assert "8. Gradients and clipping" in ran.out
    assert "Note" not in ran.out  # the run says how it clips gradients
    assert "Page: lesson.html" in ran.out
    assert "<h1>From text to loss</h1>" in (tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert contents(trained.folder) == before
    refused = command("show", str(trained.folder), cache, "model=gru")
    assert (refused.code, refused.err.count("\n")) == (2, 1)

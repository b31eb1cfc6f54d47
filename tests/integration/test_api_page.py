"""The examples of docs/api.md and of the README run as they stand, with a small model."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(<!-- not run[^\n]*\n)?```python\n(.*?)```", flags=re.DOTALL)


def test_the_examples_of_the_page_run(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    blocks = BLOCK.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    for skipped, block in blocks:
        if not skipped:
            exec(block.replace("outputs/train/DATE/TIME", str(trained.folder)), names)
    assert [bool(skipped) for skipped, _ in blocks] == [False, False, False, True, True]
    assert "<halo.Model lstm" in capsys.readouterr().out
    assert len(names["frame"]) == len(names["rows"]) == 10
    assert len(names["texts"]) == 3

"""Tests of halo.auditing.output.files."""

import json
from pathlib import Path
from typing import Any

from halo.auditing.output.files import write_audit


def test_figures_and_page_are_written(caught: dict[str, Any], tmp_path: Path) -> None:
    written = write_audit(caught, tmp_path, source="run")
    assert {file.name for file in written.values()} == {file.name for file in tmp_path.iterdir()}
    assert json.loads((tmp_path / "audit.json").read_text()) == caught
    assert "What this model remembers" in (tmp_path / "audit.html").read_text()

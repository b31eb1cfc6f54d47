"""The notebooks of examples/ run from top to bottom, with a small model instead of the one that they train."""

from pathlib import Path

import pytest

from tests.conftest import EXHAUSTIVE, Run

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=EXHAUSTIVE if file.stem == "surprisal" else (), id=file.stem)
        for file in sorted(FOLDER.glob("*.ipynb"))
    ],
)
def test_a_notebook_runs(file: Path, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("HALO_RUN", str(trained.folder))
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    client = nbclient.NotebookClient(
        notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert f"from {trained.folder}>" in str(outputs[0])
    assert not [output for output in outputs if output.output_type == "error"]
    assert list(tmp_path.iterdir()) == []

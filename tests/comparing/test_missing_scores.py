"""Scores of runs that have left none."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from halo.comparing.missing_scores import missing_scores
from halo.comparing.run_reader import read_run
from halo.evaluation.document_scores import FILE_NAME, read_document_scores
from tests.conftest import Run


def test_they_are_those_that_the_run_would_have_left(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained.started_in)
    expected = read_document_scores(trained.folder)
    assert expected is not None
    shutil.copytree(trained.folder, tmp_path / "run")
    for folder in (tmp_path / "run", tmp_path / "run" / "bundle"):
        (folder / FILE_NAME).unlink()
        run = read_run(folder, "run")
        found = missing_scores(cache_dir="outputs/cache", device="cpu")([run])[run.folder]
        assert not isinstance(found, str)
        for split, each in expected.items():
            np.testing.assert_allclose(found[split].nll, each.nll, rtol=1e-4)
            np.testing.assert_array_equal(found[split].hashes, each.hashes)
        assert not (folder / FILE_NAME).exists()


def test_what_keeps_it_from_that_is_said_in_a_line(trained: Run, tmp_path: Path) -> None:
    shutil.copytree(trained.folder, tmp_path / "run")
    run = read_run(tmp_path / "run", "my run")
    config = (tmp_path / "run" / "config.yaml").read_text()
    (tmp_path / "run" / "config.yaml").write_text(config.replace("small.jsonl", "gone.jsonl"))
    found = missing_scores(cache_dir=str(tmp_path / "cache"), device="cpu")([run])[run.folder]
    assert isinstance(found, str)
    assert found.startswith("my run: ranked, but not tested: ")
    assert "\n" not in found

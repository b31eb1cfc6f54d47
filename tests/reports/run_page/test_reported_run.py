"""What is at hand of a model is found, and what is not is said."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from halo.bundle.loading import open_model
from halo.reports.run_page.reported_run import reported_run
from halo.runtime.errors import InputError
from tests.conftest import Run


def test_a_run_has_everything_and_a_bundle_lacks_settings(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained.started_in)
    run = reported_run(open_model(run=str(trained.folder), bundle=None, device="cpu"), cache_dir="outputs/cache")
    assert run.corpus is not None
    assert run.metrics is not None
    assert len(run.metrics.validations) == 2
    assert run.settings is not None
    assert run.settings["seed"] == 1
    bundle = open_model(run=None, bundle=str(trained.folder / "bundle"), device="cpu")
    assert reported_run(bundle, cache_dir="outputs/cache").settings is None


def test_a_missing_text_is_said_and_damaged_figures_are_refused(trained: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained.folder, tmp_path / "run"))
    opened = open_model(run=str(folder), bundle=None, device="cpu")
    gone = replace(opened, config=replace(opened.config, data=replace(opened.config.data, path="gone.txt")))
    run = reported_run(gone, cache_dir=str(tmp_path / "cache"))
    assert run.corpus is None
    assert "gone.txt" in run.without_corpus
    (folder / "metrics.json").unlink()
    assert reported_run(gone, cache_dir=str(tmp_path / "cache")).metrics is None
    (folder / "metrics.json").write_text('{"verdict": 1}')
    with pytest.raises(InputError, match="not the figures of a training run"):
        reported_run(gone, cache_dir=str(tmp_path / "cache"))

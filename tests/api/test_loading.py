"""`halo.load` finds out by content whether a folder is a run or a bundle."""

import shutil
from pathlib import Path

import pytest

import halo
from halo.bundle.loading import load_run
from tests.conftest import Run


def test_a_run_folder_and_its_bundle_are_the_same_model(trained: Run) -> None:
    run, bundle = halo.load(trained.folder), halo.load(str(trained.folder / "bundle"))
    assert not run.bundle.is_bundle
    assert bundle.bundle.is_bundle
    assert run.perplexity("the people") == bundle.perplexity("the people")
    assert not any(module.training for module in run.bundle.model.modules())


def test_a_run_without_a_checkpoint_is_loaded_from_its_bundle(trained: Run, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(trained.folder, tmp_path / "run"))
    shutil.rmtree(copy / "checkpoints")
    assert halo.load(copy).folder == copy / "bundle"


def test_a_folder_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(halo.InputError, match="neither a run folder nor a bundle"):
        halo.load(tmp_path)
    with pytest.raises(halo.InputError, match="no such folder"):
        halo.load(tmp_path / "nowhere")
    (tmp_path / "config.yaml").touch()
    with pytest.raises(halo.InputError, match="no checkpoint in it"):
        halo.load(tmp_path)


def test_a_device_that_does_not_exist_is_refused(trained: Run) -> None:
    with pytest.raises(halo.InputError, match="device=abacus"):
        halo.load(trained.folder, device="abacus")


def test_what_is_no_path_or_another_path_is_refused(trained: Run) -> None:
    with pytest.raises(halo.InputError, match="path=3: must be the path of a run folder or a bundle"):
        halo.load(3)  # type: ignore[call-overload]
    with pytest.raises(halo.InputError, match="is a file; give the run folder or the bundle that holds it"):
        halo.load(trained.folder / "bundle" / "model.safetensors")
    with pytest.raises(halo.InputError, match="this is a bundle, not a run folder; use bundle="):
        load_run(trained.folder / "bundle")
    with pytest.raises(halo.InputError, match=f"holds several runs; give one of them, such as run={trained.folder}"):
        load_run(trained.folder.parent)


def test_a_language_model_is_no_classifier_and_says_so(trained: Run) -> None:
    with pytest.raises(halo.InputError, match=r"holds no classifier; give a folder that halo.classify wrote"):
        halo.load(trained.folder, kind="classifier")
    model = halo.load(trained.folder, kind="language_model")
    with pytest.raises(AttributeError, match="is a language model, which has no classify; train a classifier with"):
        model.classify("the people")  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="no attribute 'perplexty'"):
        model.perplexty("the people")  # type: ignore[attr-defined]

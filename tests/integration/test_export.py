"""`halo export` as a command: one line for what cannot be done, with nothing left behind."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome
from tests.support.exported import saved_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_bundle(tmp_path_factory.mktemp("model") / "bundle", ["the virus spreads in the air ."])


def test_a_path_alone_is_the_model(command: Callable[..., Outcome], bundle: Path, tmp_path: Path) -> None:
    outcome = command("export", str(bundle), "format=safetensors", "output=dad's model, 1")
    assert outcome.code == 0
    assert (tmp_path / "dad's model, 1" / "model.safetensors").exists()


def test_onnx_without_its_packages_is_one_line(
    command: Callable[..., Outcome], bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("halo.exporting.onnx")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    outcome = command("export", f"bundle={bundle}", "format=onnx", "output=out")
    assert outcome.code == 2
    assert outcome.err == "error: format=onnx needs the package onnx; pip install 'semblance-halo[export]'\n"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(
    command: Callable[..., Outcome], bundle: Path, small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("size=8k")
    outcome = command("export", f"bundle={bundle}", "format=safetensors", f"output={disk / 'new' / 'out'}")
    assert outcome.code == 2
    assert "cannot be written (No space left on device); name another folder, or free some space" in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert list(disk.iterdir()) == []

"""A bundle is complete or absent, the same bytes each time, and readable by whom the umask lets read."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from halo.bundle.loading import Bundle, load_bundle
from halo.bundle.saving import save_bundle
from tests.conftest import Run


@pytest.fixture
def opened(trained: Run) -> Bundle:
    return load_bundle(trained.folder / "bundle")


def save(opened: Bundle, folder: Path, *, model_card: str = "# Card\n") -> Path:
    save_bundle(
        folder,
        model=opened.model,
        tokenizer=opened.tokenizer,
        word_statistics=opened.word_statistics,
        config=opened.config,
        metrics={"test_perplexity": 2.0},
        model_card=model_card,
    )
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_every_file_has_the_permissions_of_the_umask(opened: Bundle, tmp_path: Path, umask: int, expected: int) -> None:
    before = os.umask(umask)
    try:
        folder = save(opened, tmp_path / "bundle")
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert len(modes) == 6
    assert set(modes.values()) == {expected}, modes


@pytest.mark.exhaustive
def test_the_same_model_gives_the_same_bytes_in_every_process(opened: Bundle, trained: Run, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from halo.bundle.loading import load_bundle;"
        "from tests.bundle.test_saving import save; save(load_bundle(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    expected = contents(save(opened, tmp_path / "here"))
    for number in range(2):
        other = tmp_path / f"there{number}"
        subprocess.run([sys.executable, "-c", program, str(trained.folder / "bundle"), str(other)], check=True)
        assert contents(other) == expected


def test_a_shared_weight_is_written_once(opened: Bundle, tmp_path: Path) -> None:
    assert opened.model.get_submodule("output.words") is opened.model.get_submodule("embedding")
    folder = save(opened, tmp_path / "bundle")
    with safe_open(folder / "model.safetensors", "pt") as file:
        assert not any(name.startswith("output.words") for name in file.keys())  # noqa: SIM118
        assert file.metadata() == {"format": "pt"}
    for name, weight in load_bundle(folder).model.state_dict().items():
        assert torch.equal(weight, opened.model.state_dict()[name])


def test_a_bundle_replaces_the_one_before_and_leaves_nothing_else(opened: Bundle, tmp_path: Path) -> None:
    save(opened, tmp_path / "bundle", model_card="# Old\n")
    save(opened, tmp_path / "bundle", model_card="# New\n")
    assert (tmp_path / "bundle" / "README.md").read_text() == "# New\n"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_failed_save_keeps_the_old_bundle(opened: Bundle, tmp_path: Path) -> None:
    expected = contents(save(opened, tmp_path / "bundle"))
    with pytest.raises(TypeError):
        save(opened, tmp_path / "bundle", model_card=None)  # type: ignore[arg-type]
    assert contents(tmp_path / "bundle") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]

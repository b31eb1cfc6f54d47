"""Paths, patterns and folders, whatever characters their names have."""

from pathlib import Path

import pytest

from halo.comparing.run_folders import find_run_folders, is_bundle, is_run, names_of
from halo.runtime.errors import InputError


def make_run(folder: Path, name: str = "config.yaml") -> Path:
    folder.mkdir(parents=True)
    (folder / name).touch()
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_runs_are_found_in_folders_in_the_order_of_their_numbers(here: Path) -> None:
    for name in ("10", "9", "0/seed_2", "0/seed_10"):
        make_run(here / "multirun" / name)
    (here / "multirun" / ".hydra").mkdir()
    make_run(here / "multirun" / "9" / "bundle", "model.safetensors")
    found = find_run_folders(["multirun"])
    assert [str(each) for each in found.folders] == [
        f"multirun/{name}" for name in ("0/seed_2", "0/seed_10", "9", "10")
    ]
    assert found.notes == []


def test_a_job_that_left_nothing_is_found_by_its_number(here: Path) -> None:
    make_run(here / "trials" / "0000")
    (here / "trials" / "0001").mkdir()
    (here / "trials" / "notes").mkdir()
    assert [each.name for each in find_run_folders(["trials"]).folders] == ["0000", "0001"]


def test_patterns_match_folders_and_a_folder_of_that_name_comes_first(here: Path) -> None:
    for name in ("a 1", "a,2", "a[1]", "a=3"):
        make_run(here / name)
    (here / "a.txt").touch()
    assert len(find_run_folders(["a*"]).folders) == 4
    assert find_run_folders(["a[1]"]).folders == [Path("a[1]")]
    with pytest.raises(InputError, match=r"b\*: nothing matches this pattern"):
        find_run_folders(["b*"])


def test_each_run_counts_once_and_what_is_left_out_is_said(here: Path) -> None:
    run = make_run(here / "a")
    make_run(run / "bundle", "model.safetensors")
    (here / "link").symlink_to(run)
    (here / "empty").mkdir()
    (here / "file.csv").touch()
    found = find_run_folders(["a", "a/", str(run), "link", "a/bundle", "empty", "file.csv"])
    assert found.folders == [Path("a")]
    assert found.notes == [
        "a: given twice; it counts once",
        f"{run}: left out: the same run as a",
        "link: left out: the same run as a",
        "empty: left out: no run, and holds none",
        "file.csv: left out: a file",
        "a/bundle: left out: the bundle of a",
    ]


@pytest.mark.parametrize("path", ["missing", "", " ", "x" * 300, "a\0b", "[", "**/missing"])
def test_a_path_that_does_not_exist_is_refused(here: Path, path: str) -> None:
    with pytest.raises(InputError) as refused:
        find_run_folders([path])
    assert "\n" not in str(refused.value)


def test_a_folder_without_runs_is_refused(here: Path) -> None:
    (here / "empty").mkdir()
    with pytest.raises(InputError, match="empty: left out: no run, and holds none; give run folders"):
        find_run_folders(["empty"])


def test_a_link_in_a_circle_ends(here: Path) -> None:
    make_run(here / "runs" / "a")
    (here / "runs" / "again").symlink_to(here / "runs")
    assert find_run_folders(["runs"]).folders == [Path("runs/a")]


def test_a_bundle_is_a_run_by_its_weights(here: Path) -> None:
    bundle = make_run(here / "b", "model.safetensors")
    assert is_run(bundle)
    assert is_bundle(bundle)
    assert not is_bundle(make_run(here / "c"))


def test_names_are_the_ends_of_paths() -> None:
    assert names_of([Path("/a/b/c")]) == ["c"]
    assert names_of([Path("/a/b"), Path("/a/b/c")]) == ["b", "b/c"]

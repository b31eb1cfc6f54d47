"""Paths, folders, globs, lists and URLs -> files."""

import os
from pathlib import Path

import fsspec
import pytest

from halo.corpus.sources.discovery import find_files
from halo.runtime.errors import InputError


def names(*paths: object) -> list[str]:
    return [Path(file.name).name for file in find_files([str(path) for path in paths], key="data.path").files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jsonl", "sub/a.txt", "sub/deep/c.csv.GZ", "notes.pdf", ".hidden.txt", ".git/d.txt", "x[1].md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    return tmp_path


def test_a_folder_is_searched_to_the_bottom_in_the_order_of_names(folder: Path) -> None:
    finding = find_files([str(folder)], key="data.path")
    assert [file.name.removeprefix(f"{folder}/") for file in finding.files] == [
        "b.jsonl",
        "sub/a.txt",
        "sub/deep/c.csv.GZ",
        "x[1].md",
    ]
    assert finding.ignored == 1
    assert [(file.kind, file.compression) for file in finding.files][2] == (".csv", ".gz")


def test_globs_and_lists_keep_their_order_and_take_each_file_once(folder: Path) -> None:
    assert names(folder / "*.jsonl") == ["b.jsonl"]
    assert names(folder / "**" / "*.txt") == ["a.txt"]
    assert names(folder / "sub", folder / "b.jsonl") == ["a.txt", "c.csv.GZ", "b.jsonl"]
    (folder / "again.txt").symlink_to(folder / "sub" / "a.txt")
    assert names(folder / "sub" / "a.txt", folder / "again.txt", folder / "sub") == ["a.txt", "c.csv.GZ"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(folder: Path) -> None:
    assert names(folder / "x[1].md") == ["x[1].md"]


def test_a_relative_path_keeps_its_short_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert [file.name for file in find_files(["sub"], key="data.path").files] == ["sub/a.txt", "sub/deep/c.csv.GZ"]


def test_files_of_another_filesystem() -> None:
    filesystem = fsspec.filesystem("memory")
    for name in ("finding/b.txt", "finding/sub/a.jsonl", "finding/.hidden.txt", "finding/c.pdf"):
        filesystem.pipe(f"/{name}", b"text")
    folder = find_files(["memory://finding"], key="data.path")
    assert [file.name for file in folder.files] == ["memory:///finding/b.txt", "memory:///finding/sub/a.jsonl"]
    assert folder.ignored == 1
    assert names("memory://finding/*.txt") == ["b.txt"]
    assert names("memory://finding/sub/a.jsonl") == ["a.jsonl"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("DIR/nowhere.txt", r"nowhere\.txt: no such file or folder"),
        ("DIR/*.nothing", r"\*\.nothing: no file matches"),
        (
            "DIR/empty",
            r"empty: no files in this folder; files that are read: \.txt, .*, each also with \.gz or \.zst",
        ),
        ("DIR/notes.pdf", r"notes\.pdf: files with suffix '\.pdf' are not read; files that are read: \.txt"),
        ("DIR/*.pdf", r"files with suffix '\.pdf' are not read"),
        ("DIR/plain", r"files with suffix '' are not read"),
        ("DIR/only.gz", r"files with suffix '' are not read"),
        ("DIR/pipe.txt", r"pipe\.txt: neither a regular file nor a folder"),
        ("DIR/" + "long" * 100 + ".txt", r"cannot be searched \(File name too long\)"),
        ("DIR/two\nlines.txt", r"two\ufffdlines\.txt: no such file"),
        ("~nobody_of_this_name/a.txt", r"cannot be searched"),
        ("bundled:nothing.jsonl", r"no such bundled corpus; available: covid_discussions\.jsonl"),
        ("bundled:../errors.py", r"no such bundled corpus"),
        ("memory://nowhere/a.txt", r"memory://nowhere/a\.txt: no such file or folder, or no file matches"),
        ("gopher://a/b.txt", r"gopher://a/b\.txt: cannot be reached \(.*gopher.*\); give a local path, or a URL"),
        ("missing-package://a/b.txt", r"the package for this kind of URL is not installed \(pip install it\); install"),
    ],
)
def test_what_leads_nowhere_is_reported_with_its_setting(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("notes.pdf", "plain", "only.gz"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "pipe.txt")
    fsspec.register_implementation(
        "missing-package", "no_such_package.Filesystem", clobber=True, errtxt="pip install it"
    )
    with pytest.raises(InputError, match=message) as caught:
        find_files([path.replace("DIR", str(tmp_path))], key="data.path")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("data.path=")
    assert str(caught.value).count("data.path=") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every folder")
def test_a_folder_that_may_not_be_opened_is_not_passed_over(folder: Path) -> None:
    (folder / "sub").chmod(0)
    try:
        with pytest.raises(InputError, match=r"cannot be searched \(Permission denied\)"):
            find_files([str(folder)], key="data.path")
    finally:
        (folder / "sub").chmod(0o755)


def test_a_search_that_fails_halfway_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(InputError, match=r"cannot be searched \(Permission denied\)"):
        find_files([str(folder)], key="data.path")

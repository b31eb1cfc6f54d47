"""Paths, folders, globs, lists and URLs -> files."""

import os
import zipfile
from pathlib import Path

import fsspec
import pytest

from halo.corpus.sources.discovery import find_files, is_file
from halo.corpus.sources.files import read_chunks
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
    assert finding.ignored == {".pdf": 1, "hidden": 1}
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
    assert folder.ignored == {".pdf": 1}
    assert names("memory://finding/*.txt") == ["b.txt"]
    assert names("memory://finding/sub/a.jsonl") == ["a.jsonl"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("DIR/nowhere.txt", r"nowhere\.txt: no such file or folder$"),
        ("nowhere/a.txt", r"nowhere/a\.txt: no such file or folder in /.*, where relative paths begin$"),
        ("DIR/*.nothing", r"\*\.nothing: no file matches"),
        (
            "DIR/empty",
            r"empty: no files in this folder; files that are read: \.txt, .*, each also with \.gz, .* or in a \.zip",
        ),
        (
            "DIR/notes.pdf",
            r"nothing that is read: 1 \.pdf \(convert to text with `pdftotext`\); files that are read: \.",
        ),
        ("DIR/*.pdf", r"nothing that is read: 1 \.pdf \(convert"),
        ("DIR/others", r"nothing that is read: 1 \.log, 1 without suffix; files that are read"),
        ("DIR/link.txt", r"link\.txt: a link to nowhere, which does not exist; give another file"),
        ("DIR/broken.zip", r"broken\.zip is no ZIP archive, or damaged \(.*\); download or write it again"),
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
    (tmp_path / "others").mkdir()
    for name in ("notes.pdf", "others/plain", "others/a.log"):
        (tmp_path / name).touch()
    (tmp_path / "broken.zip").write_bytes(b"PK")
    (tmp_path / "link.txt").symlink_to("nowhere")
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


@pytest.mark.parametrize(
    "name", ["corpus", "a.log", "only.gz", "a.2019", "A.TXT", "~a.txt", "b[1].txt", "c*.txt", "d#?.txt"]
)
def test_a_file_that_is_named_is_read_whatever_its_suffix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("text")
    (file,) = find_files([name], key="data.path").files
    assert file.name == name
    with file.filesystem.open(file.location) as stream:
        assert stream.read() == b"text"


def test_a_glob_that_names_a_suffix_chooses_the_files(tmp_path: Path) -> None:
    for name in ("a.en", "b.en", "c.de"):
        (tmp_path / name).write_text("text")
    assert names(tmp_path / "*.en") == ["a.en", "b.en"]


def test_linked_folders_are_searched_once(tmp_path: Path) -> None:
    for name in ("data/own.txt", "elsewhere/big.txt", "elsewhere/deep/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "again").symlink_to(tmp_path / "elsewhere" / "deep")
    (tmp_path / "elsewhere" / "circle").symlink_to(tmp_path / "data")
    assert names(tmp_path / "data") == ["c.txt", "big.txt", "own.txt"]
    assert names(tmp_path / "data" / "linked") == ["big.txt", "c.txt", "own.txt"]


def test_what_is_no_file_in_a_folder_is_counted(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for name in ("a.txt", "folder.txt/b.txt", ".DS_Store", ".hidden.txt", "Thumbs.db"):
        (tmp_path / name).write_text("text")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "c.txt").touch()
    (tmp_path / "broken.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    found = find_files([str(tmp_path)], key="data.path")
    assert [Path(file.name).name for file in found.files] == ["a.txt", "b.txt"]
    assert found.ignored == {"hidden": 1, "broken link": 1, "neither file nor folder": 1}


def test_the_files_of_an_archive_are_found(tmp_path: Path) -> None:
    for archive in ("one.zip", "two.ZIP"):
        with zipfile.ZipFile(tmp_path / archive, "w") as written:
            for name in ("b.txt", "sub/a.csv", "notes.pdf", "__MACOSX/._b.txt"):
                written.writestr(name, f"text of {archive}")
    found = find_files([str(tmp_path / "one.zip")], key="data.path")
    assert [file.name.removeprefix(f"{tmp_path}/") for file in found.files] == ["one.zip/b.txt", "one.zip/sub/a.csv"]
    assert found.ignored == {".pdf": 1}
    both = find_files([str(tmp_path)], key="data.path").files
    contents = [b"".join(read_chunks(file)) for file in both]
    assert contents == [b"text of one.zip"] * 2 + [b"text of two.ZIP"] * 2


def test_a_name_of_a_file_is_told_from_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "word"):
        (tmp_path / name).touch()
    assert is_file("a.txt")
    assert is_file(str(tmp_path / "word"))
    assert not any(map(is_file, ["word", "the cat sat.", "x" * 10_000, "a\0b.c", "nowhere.txt"]))


def test_further_endings_are_read_as_the_settings_say(folder: Path) -> None:
    for name in ("app.log", "old/app.LOG.gz", "table.results.log", "other.out"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("text")
    found = find_files([str(folder)], key="data.path", extensions={"log": "text", "results.log": "csv", "md": "jsonl"})
    kinds = {Path(file.name).name: file.kind for file in found.files}
    assert kinds["app.log"] == kinds["app.LOG.gz"] == ".text"
    assert kinds["table.results.log"] == ".csv"
    assert kinds["x[1].md"] == ".jsonl"
    assert found.ignored == {".pdf": 1, "hidden": 1, ".out": 1}

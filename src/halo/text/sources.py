"""Files and folders -> documents."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from halo.errors import InputError

BUNDLED_PREFIX = "bundled:"
CORPORA_DIR = Path(__file__).resolve().parent.parent / "corpora"
SUFFIXES = (".txt", ".jsonl")


@dataclass(frozen=True)
class Document:
    """One text that is never divided between splits.

    Attributes:
        source: Where it stands, for messages: a file, or a file and a line.
        label: The group that splits keep in proportion (a register, a class); empty where there is none.
        text: The raw text; a blank line separates paragraphs.
    """

    source: str
    label: str
    text: str


def read_documents(path: str) -> list[Document]:
    """Returns the documents under `path`, in the order of their file names and lines.

    Args:
        path: A .txt file (one document), a .jsonl file (one document a line: `text`, and `register` or `label` if
            there is one), a folder that is searched for both, or `bundled:NAME` for a corpus of this package.

    Raises:
        InputError: Nothing there, no text in it, or a file that is not UTF-8 or not JSON Lines.
    """
    root = CORPORA_DIR / path.removeprefix(BUNDLED_PREFIX) if path.startswith(BUNDLED_PREFIX) else Path(path)
    documents = [document for file in _files(root, path) for document in _read_file(file)]
    if not documents:
        raise InputError(f"data.path={path}: no text in it; give a file or folder with at least one document")
    return documents


def _files(root: Path, path: str) -> list[Path]:
    if root.is_dir():
        files = sorted(file for file in root.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise InputError(f"data.path={path}: a folder without {' or '.join(SUFFIXES)} files")
        return files
    if not root.exists():
        raise InputError(f"data.path={path}: no such file or folder")
    if root.suffix not in SUFFIXES:
        raise InputError(f"data.path={path}: files of kind '{root.suffix}' are not read; {', '.join(SUFFIXES)} are")
    return [root]


def _read_file(file: Path) -> Iterator[Document]:
    text = _decode(file)
    if file.suffix == ".jsonl":
        yield from _json_lines(file, text)
    elif text.strip():
        yield Document(str(file), "", text)


def _decode(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file}: not UTF-8 at byte {error.start} (0x{error.object[error.start]:02x}); "
            "convert it, for example with `iconv -f LATIN1 -t UTF-8`"
        ) from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error


def _json_lines(file: Path, text: str) -> Iterator[Document]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{file}, line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not JSON ({error}); each line holds one JSON object") from error
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise InputError(f'{where}: no "text" in it; each line is an object such as {{"text": "..."}}')
        if record["text"].strip():
            yield Document(where, str(record.get("register") or record.get("label") or ""), record["text"])

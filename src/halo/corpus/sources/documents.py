"""Settings -> documents: which files, in which order, for which split."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from halo.config import DataConfig
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.formats import read_records
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Document:
    """One text that is never divided between splits.

    Attributes:
        source: Where it stands, for messages: a file, or a file and a line.
        label: The group that splits keep in proportion (a register, a class); empty where there is none.
        text: The raw text; a blank line separates paragraphs.
        split: The split that it was given for; empty where documents are still to be divided.
        continues: Whether it is a further piece of the document before it; long files come in pieces that end where
            paragraphs do.
    """

    source: str
    label: str
    text: str
    split: str = ""
    continues: bool = False


def read_documents(config: DataConfig) -> Iterator[Document]:
    """Returns a stream of the documents of `data.path`, or of the files for train, validation and test one by one.

    The files are looked for at once and read as the stream is used; one document, or one piece of a long file, is in
    memory at a time.

    Raises:
        InputError: As `find_sources` and `read_files`.
    """
    return read_files(find_sources(config), config)


def find_sources(config: DataConfig) -> list[SourceFile]:
    """Returns the files that `config` names, in the order in which they are read.

    Raises:
        InputError: A path leads nowhere or to no text, or one file is given for two splits.
    """
    files: dict[str, SourceFile] = {}
    for split, paths in config.source_paths().items():
        key = f"data.{split}_path" if split else "data.path"
        found = find_files(paths, key=key, split=split)
        if found.ignored:
            log.info("%s: %d files of other kinds are not read", key, found.ignored)
        for file in found.files:
            twin = files.setdefault(file.identity, file)
            if twin is not file:
                raise InputError(
                    f"{file.setting}: {file.name} is also in {twin.setting}; "
                    "no text may stand in two splits: give other files"
                )
    return list(files.values())


def read_files(files: Sequence[SourceFile], config: DataConfig) -> Iterator[Document]:
    """Yields the documents of `files` as they are read; what was left out or replaced is logged at the end.

    Raises:
        InputError: A file cannot be read, is not UTF-8 or not of the form that its name says, or there is no text in
            any file of a split.
    """
    read_log = ReadLog()
    with_text: set[str] = set()
    for file in files:
        empty = True
        for record in read_records(file, config, read_log):
            empty = False
            if record.text and not record.text.isspace():
                with_text.add(file.split)
            yield Document(record.place, record.label, record.text, file.split, record.continues)
        if empty:
            read_log.note("files without text were left out", file.name)
    for file in files:
        if file.split not in with_text:
            raise InputError(f"{file.setting}: no text in it; give a file or folder with at least one document")
    read_log.report()

"""Settings -> documents: the files to read, in order, each for its split."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from halo.config import DataConfig
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.file_kinds import KINDS, SEQUENCE_KINDS
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.formats import read_records
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Document:
    """A text that is never divided between splits.

    Attributes:
        source: Where it was read from, for messages: a file, or a file and a line.
        label: The group in whose proportion it is assigned to splits (a register, a class); empty if there is none.
        text: The raw text; blank lines separate paragraphs.
        split: The split that it was given for; empty if it is still to be assigned.
        continues: Whether it is a further piece of the document before it; long files are read in pieces that end where
            paragraphs end.
    """

    source: str
    label: str
    text: str
    split: str = ""
    continues: bool = False


def find_sources(config: DataConfig) -> list[SourceFile]:
    """Returns the files that `config` names, in the order in which they are read.

    Raises:
        InputError: A path does not exist or contains no text files, or one file is given for two splits.
    """
    files: dict[str, SourceFile] = {}
    for split, paths in config.source_paths().items():
        key = f"data.{split}_path" if split else "data.path"
        kinds = KINDS if config.genome is None else SEQUENCE_KINDS
        found = find_files(paths, key=key, split=split, kinds=kinds, extensions=config.extensions)
        found.log_ignored(key)
        for file in found.files:
            twin = files.setdefault(file.identity, file)
            if twin is not file:
                raise InputError(
                    f"{file.setting}: {file.name} is also in {twin.setting}; "
                    "no text may be in two splits: give different files"
                )
    return list(files.values())


def read_files(files: Sequence[SourceFile], config: DataConfig, read_log: ReadLog) -> Iterator[Document]:
    """Yields the documents of `files` as they are read, and notes in `read_log` what was skipped or replaced.

    Raises:
        InputError: As `read_parts` and `require_text_of_splits`.
    """
    yield from read_parts(files, config, read_log)
    require_text_of_splits(files, read_log)


def read_parts(parts: Sequence[SourceFile], config: DataConfig, read_log: ReadLog) -> Iterator[Document]:
    """Yields the documents of files or parts of files as they are read, and notes in `read_log` what was found.

    Raises:
        InputError: A file cannot be read, is in another encoding than the settings say, or does not have the format
            that its suffix indicates.
    """
    for part in parts:
        blank = True
        for record in read_records(part, config, read_log):
            blank = False
            if record.text and not record.text.isspace():
                read_log.splits_with_text.add(part.split)
            yield Document(record.location, record.label, record.text, part.split, record.continues)
        if blank:
            read_log.blank_parts[part.name] += 1


def require_text_of_splits(parts: Sequence[SourceFile], read_log: ReadLog) -> None:
    """Notes in `read_log` the files without text, after all `parts` were read.

    Raises:
        InputError: There is no text in any file of a split.
    """
    num_parts = Counter(part.name for part in parts)
    for name, number in read_log.blank_parts.items():
        if number == num_parts[name]:
            read_log.note("file[|s] without text [was|were] skipped", name)
    for part in parts:
        if part.split not in read_log.splits_with_text:
            raise InputError(f"{part.setting}: contains no text; give a file or folder with at least one document")


def batch_documents(documents: Iterator[Document], *, characters: int) -> Iterator[list[Document]]:
    """Yields the documents in batches of about `characters` characters, in order."""
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if size >= characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

"""Files of texts to score -> items: a text with all other columns of its row."""

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from halo.config import DataConfig
from halo.config.commands.scoring.text_files import TextFilesConfig
from halo.corpus.sources.discovery import find_files, is_file
from halo.corpus.sources.file_kinds import RECORD_KINDS
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.formats import read_rows
from halo.corpus.sources.lines import ReadLog, repair, require_valid_characters
from halo.runtime.errors import InputError
from halo.scoring.files.standard_input import STANDARD_INPUT, standard_input, would_wait

AUTO = "auto"
SAMPLE_ROWS = 1000
"""The number of rows that the columns, and the column of the text, are found in."""
TEXT_NAMES = ("text", "texts", "sentence", "sentences", "stimulus", "stimuli")
MAX_LISTED = 20
TEXTS_PER_CHUNK = 4096
CHARACTERS_PER_CHUNK = 2**21
"""The largest chunk of texts that are read, worked on and written together."""
RENAMED = "column[|s] with the name of one before [was|were] numbered, as in `name_2`"

log = logging.getLogger(__name__)


class Item(NamedTuple):
    """A text to score.

    Attributes:
        location: Where it stands: the file and the line or row.
        text: The text as it stands there.
        columns: The values of the other columns, by name.
    """

    location: str
    text: str
    columns: Mapping[str, object]


@dataclass(frozen=True)
class Items:
    """The texts of a file, read as they are needed.

    Attributes:
        name: The name of the file.
        text_field: The column that holds the text; empty if the file has no columns.
        names: The other columns, in order.
        rows: The items.
        would_wait: Returns whether the next item would have to be waited for.
    """

    name: str
    text_field: str
    names: Sequence[str]
    rows: Iterator[Item]
    would_wait: Callable[[], bool] = lambda: False


def open_texts(config: TextFilesConfig, reading: DataConfig, read_log: ReadLog) -> Items:
    """Returns the texts that the settings of a command name.

    Args:
        config: Names a file, or gives a single text.
        reading: How files are read, as `reading_config` returns it.
        read_log: Counts what was replaced or repaired.

    Raises:
        InputError: As `open_items`; or the text is the name of a file.
    """
    if config.text is None:
        return open_items(str(config.path), text_field=config.text_field, config=reading, read_log=read_log)
    if is_file(config.text):
        raise InputError(f"text={config.text}: is the name of a file; use path={config.text} to read its texts")
    return text_items(config.text)


def reading_config(data: DataConfig, config: TextFilesConfig) -> DataConfig:
    """Returns the settings with which the file of the texts is read: not those of the training text, `data`."""
    table = replace(data.table, **vars(config.data.table))
    field = "text" if config.text_field == AUTO else config.text_field
    encoding, errors = config.data.encoding, config.data.encoding_errors
    return replace(data, text_field=field, table=table, encoding=encoding, encoding_errors=errors)


def open_items(path: str, *, text_field: str, config: DataConfig, read_log: ReadLog) -> Items:
    """Opens a file of texts: a text on each line, or in a column of a table whose other columns are kept.

    Args:
        path: A file, or `-` for standard input.
        text_field: The column of the text; `auto` for the obvious one.
        config: How files are read.
        read_log: Counts what was replaced or repaired.

    Raises:
        InputError: There is no such file, it is empty or cannot be read, or the column of the text is not clear.
    """
    file = standard_input(has_columns=text_field != AUTO) if path == STANDARD_INPUT else _find_file(path)
    has_columns = file.kind in RECORD_KINDS
    if not has_columns and text_field != AUTO:
        raise InputError(f"text_field={text_field}: {file.name} has no columns, a text a line; leave text_field out")
    rows = read_rows(file, config, read_log, check_header=partial(_unique_names, read_log=read_log))
    begin = list(itertools.islice(rows, SAMPLE_ROWS if has_columns else 1))
    if not begin:
        raise InputError(f"path={path}: contains no text; give a file with a text a line, or a table with one a row")
    rows = itertools.chain(begin, rows)
    names = list(dict.fromkeys(name for _, fields in begin for name in fields))
    if has_columns:
        given = None if text_field == AUTO else text_field
        field = _text_field(names, [fields for _, fields in begin], given, file)
        if given is None:
            log.info("text_field=%s: the texts of %s (its columns: %s)", field, file.name, _listed(names))
    else:
        (field,) = names
    others = [name for name in names if name != field]
    items = (
        Item(location, _text(location, fields, field, config, read_log), _columns(location, fields, field, others))
        for location, fields in rows
    )
    waits = would_wait if path == STANDARD_INPUT else lambda: False
    return Items(file.name, field if has_columns else "", others, items, waits)


def chunks(items: Items) -> Iterator[list[Item]]:
    """Yields the items in lists of limited size, so that memory does not grow with the file.

    Of standard input, a list ends where the next item would have to be waited for.
    """
    chunk: list[Item] = []
    characters = 0
    for item in items.rows:
        chunk.append(item)
        characters += len(item.text)
        if len(chunk) == TEXTS_PER_CHUNK or characters > CHARACTERS_PER_CHUNK or items.would_wait():
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def text_items(text: str) -> Items:
    """Returns a single text as items."""
    return Items("text", "", [], iter([Item("text", text, {})]))


def _find_file(path: str) -> SourceFile:
    if "://" not in path and Path(path).expanduser().is_dir():
        raise InputError(f"path={path}: is a folder; give one file, such as {path.rstrip('/')}/items.csv")
    files = find_files([path], key="path").files
    if len(files) > 1:
        names = ", ".join(file.name for file in files[:3])
        raise InputError(f"path={path}: names {len(files)} files ({names}, ...); give one of them")
    return files[0]


def _unique_names(header: list[str], location: str, *, read_log: ReadLog) -> list[str]:
    """Returns the names of columns, with a number behind one that occurs before."""
    names: list[str] = []
    for name in header:
        number = 2
        unique = name
        while unique in names:
            unique = f"{name}_{number}"
            number += 1
        if unique != name:
            read_log.note(RENAMED, location)
        names.append(unique)
    return names


def _text_field(
    names: Sequence[str], sample: Sequence[Mapping[str, object]], given: str | None, file: SourceFile
) -> str:
    """Returns the column of the text: the given one, or the only one that it can be."""
    if given is not None:
        if given not in names:
            raise InputError(f"{file.name}: no column {given!r} (columns: {_listed(names)}); name one with text_field")
        return given
    named = [name for name in names if name.strip().casefold() in TEXT_NAMES]
    candidates = named or [name for name in names if len(names) == 1 or _holds_texts(name, sample)]
    if len(candidates) == 1:
        return candidates[0]
    which = f"several columns may hold the texts ({_listed(candidates)})" if candidates else "no column holds sentences"
    raise InputError(f"{file.name}: {which}; name the one to score with text_field (columns: {_listed(names)})")


def _holds_texts(name: str, sample: Sequence[Mapping[str, object]]) -> bool:
    """Returns whether most values of a column are several words."""
    values = [value for fields in sample if isinstance(value := fields.get(name), str) and value.strip()]
    return 2 * sum(len(value.split()) > 1 for value in values) > len(values)


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return ", ".join(repr(name[:40]) for name in names[:MAX_LISTED]) + more


def _text(location: str, fields: Mapping[str, object], text_field: str, config: DataConfig, read_log: ReadLog) -> str:
    """Returns the text of a row as it stands there; an empty one if it has none."""
    value = fields.get(text_field)
    if value is None:
        return ""
    if not isinstance(value, str):
        kind = type(value).__name__
        raise InputError(
            f"{location}: {text_field!r} is of type {kind}, and must be text; name another with text_field"
        )
    return repair(location, require_valid_characters(location, value, config, read_log), read_log)


def _columns(location: str, fields: Mapping[str, object], text_field: str, names: Sequence[str]) -> dict[str, object]:
    """Returns the values of the other columns of a row."""
    new = [name for name in fields if name != text_field and name not in names]
    if new:
        raise InputError(
            f"{location}: has {_listed(new)}, which none of the first {SAMPLE_ROWS:,} records has; "
            "give every record the same fields"
        )
    return {name: fields.get(name) for name in names}

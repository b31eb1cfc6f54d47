"""Records of structured files -> their text, title and label, checked."""

import datetime
import decimal
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from halo.config import DataConfig
from halo.corpus.sources.lines import ReadLog, repair, require_valid_characters, unify_line_ends
from halo.corpus.sources.separators import FOUND, separators
from halo.runtime.errors import InputError

LABEL_FIELDS = ("register", "label")
WITHOUT_TEXT = "record[|s] without text [was|were] skipped"
IGNORED_LABELS = (
    "value[|s] of {!r} [is|are] no text and [was|were] ignored (data.label_field=null: no field is the label)"
)


class MissingFieldError(InputError):
    """A field that the settings name does not exist; the message lists those that do."""


class Record(NamedTuple):
    """A text of a file.

    Attributes:
        location: The file, or the file and the line or row.
        label: Empty if there is none.
        text: The text, with line feeds as line ends.
        continues: Whether it continues the document of the record before.
    """

    location: str
    label: str
    text: str
    continues: bool = False


def make_record(location: str, fields: Mapping[str, object], config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the record with these fields, unless its text is blank; several if its text has document separators.

    Args:
        location: The file and the line or row, for messages.
        fields: The values by name.
        config: The settings that name the fields.
        read_log: Counts skipped records, separators, ignored labels and replaced characters.

    Raises:
        InputError: A value has the wrong type, or holds characters that are not allowed.
    """
    text = _text_field(location, fields, config.text_field, config, read_log)
    parts = separators(config).split(text)
    if len(parts) > 1:
        read_log.note(FOUND, location, len(parts) - 1)
        parts = [part for part in parts if part.strip()]
    if not any(part.strip() for part in parts):
        read_log.note(WITHOUT_TEXT, location)
        return
    if config.title_field is not None:
        title = _text_field(location, fields, config.title_field, config, read_log)
        parts[0] = f"{title}\n\n{parts[0]}" if title.strip() else parts[0]
    labels = (_label_field(location, fields, name, config, read_log) for name in label_fields(config))
    label = next(filter(None, labels), "")
    for part in parts:
        yield Record(location, label, part)


def _text_field(location: str, fields: Mapping[str, object], name: str, config: DataConfig, read_log: ReadLog) -> str:
    value = fields[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        key = "text_field" if name == config.text_field else "title_field"
        raise InputError(f"{location}: {name!r} is {_kind(value)}; it must be text: name another field with data.{key}")
    valid = require_valid_characters(location, value, config, read_log)
    return unify_line_ends(repair(location, valid, read_log))


def _label_field(location: str, fields: Mapping[str, object], name: str, config: DataConfig, read_log: ReadLog) -> str:
    value = fields.get(name)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, str | int | float | decimal.Decimal | datetime.date | datetime.time):
        if config.label_field == "auto":
            read_log.note(IGNORED_LABELS.format(name), location)
            return ""
        raise InputError(
            f"{location}: {name!r} is {_kind(value)}; a label must be text, a number or a date: "
            "name another field with data.label_field, or set data.label_field=null for none"
        )
    return require_valid_characters(location, str(value), config, read_log)


def _kind(value: object) -> str:
    """Returns what a value is, in words.

    >>> _kind([1]), _kind({}), _kind(5)
    ('a list', 'an object', 'of type int')
    """
    names: dict[type, str] = {list: "a list", dict: "an object", bytes: "binary data"}
    return names.get(type(value), f"of type {type(value).__name__}")


def label_fields(config: DataConfig) -> tuple[str, ...]:
    """Returns the names of the fields that may hold the label; the first that is not empty counts."""
    if config.label_field is None:
        return ()
    return LABEL_FIELDS if config.label_field == "auto" else (config.label_field,)


def require_fields(names: Sequence[str], location: str, config: DataConfig, *, hint: str = "") -> None:
    """Raises `InputError` unless each field that the settings name exists exactly once; `MissingFieldError` without it.

    Args:
        names: The fields that there are.
        location: The file and the line, for messages.
        config: The settings that name fields.
        hint: What else may help, for the message.
    """
    for key in ("text_field", "title_field", "label_field"):
        wanted = getattr(config, key)
        is_open = wanted is None or (key == "label_field" and wanted == "auto")
        if is_open or names.count(wanted) == 1:
            continue
        available = ", ".join(repr(name[:40]) for name in names[:10]) or "none"
        more = f", and {len(names) - 10} more" if len(names) > 10 else ""
        if wanted in names:
            raise InputError(
                f"{location}: field {wanted!r} occurs twice (fields: {available}{more}); "
                f"rename one, or name another with data.{key}"
            )
        off = f" (data.{key}=null: none)" if key != "text_field" else ""
        raise MissingFieldError(
            f"{location}: no field {wanted!r} (fields: {available}{more}); "
            f"name the field with data.{key}{off}{', or ' if hint else ''}{hint}"
        )

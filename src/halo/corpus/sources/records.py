"""Records of structured files -> their text, title and label, checked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from halo.config import DataConfig
from halo.corpus.sources.lines import ReadLog, require_valid_characters, unify_line_ends
from halo.runtime.errors import InputError

LABEL_FIELDS = ("register", "label")
WITHOUT_TEXT = "records without text were skipped"


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
    """Yields the record with these fields, unless its text is blank.

    Args:
        location: The file and the line or row, for messages.
        fields: The values by name.
        config: The settings that name the fields.
        read_log: Counts skipped records and replaced characters.

    Raises:
        InputError: A value has the wrong type, or holds characters that are not allowed.
    """
    text = _text_field(location, fields, config.text_field, config, read_log)
    if not text.strip():
        read_log.note(WITHOUT_TEXT, location)
        return
    if config.title_field is not None:
        title = _text_field(location, fields, config.title_field, config, read_log)
        text = f"{title}\n\n{text}" if title.strip() else text
    labels = (_label_field(location, fields, name, config, read_log) for name in label_fields(config))
    yield Record(location, next(filter(None, labels), ""), text)


def _text_field(location: str, fields: Mapping[str, object], name: str, config: DataConfig, read_log: ReadLog) -> str:
    value = fields[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{location}: {name!r} is of type {type(value).__name__}; it must be text")
    return unify_line_ends(require_valid_characters(location, value, config, read_log))


def _label_field(location: str, fields: Mapping[str, object], name: str, config: DataConfig, read_log: ReadLog) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise InputError(
            f"{location}: {name!r} is of type {type(value).__name__}; a label must be text or a number; "
            "name another field with data.label_field"
        )
    return require_valid_characters(location, str(value), config, read_log)


def label_fields(config: DataConfig) -> tuple[str, ...]:
    """Returns the names of the fields that may hold the label; the first that is not empty counts."""
    return LABEL_FIELDS if config.label_field is None else (config.label_field,)


def require_fields(names: Sequence[str], location: str, config: DataConfig) -> None:
    """Raises `InputError` unless each field that the settings name exists exactly once."""
    for key in ("text_field", "title_field", "label_field"):
        wanted = getattr(config, key)
        if wanted is None or names.count(wanted) == 1:
            continue
        problem = f"field {wanted!r} occurs twice" if wanted in names else f"no field {wanted!r}"
        available = ", ".join(repr(name[:40]) for name in names[:10]) or "none"
        raise InputError(f"{location}: {problem} (fields: {available}); name the field with data.{key}")

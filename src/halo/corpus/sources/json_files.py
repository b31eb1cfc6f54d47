"""JSON files -> records: .jsonl, an object on each line; .json, an array of objects or an object of columns."""

import itertools
import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import Any

from halo.config import DataConfig
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import ReadLog, read_lines
from halo.corpus.sources.records import Record, make_record, require_fields
from halo.runtime.errors import InputError, reason

MAX_JSON_CHARACTERS = 2**28  # a .json file is held in memory as a whole, several times over
JSON_LINES = "convert it to JSON Lines, for example with `jq -c '.[]'`"

_EXAMPLE = '{"text": "..."}'

Lines = Iterator[tuple[int, str]]


def read_json_lines(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the records of a file with a JSON object on each line.

    Raises:
        InputError: It cannot be read, or a line is something else.
    """
    return _line_records(iter(read_lines(file, config, read_log)), file, config, read_log)


def _line_records(lines: Lines, file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    for location, fields in _line_objects(lines, file):
        require_fields(list(fields), location, config)
        yield from make_record(location, fields, config, read_log)


def _line_objects(lines: Lines, file: SourceFile) -> Iterator[tuple[str, dict[str, object]]]:
    """Yields the location and the object of each line that is not blank."""
    for number, line in lines:
        if not line.strip():
            continue
        location = f"{file.name}, line {number}"
        fields = _parse(line, location)
        if not isinstance(fields, dict):
            raise _not_an_object(location, f"a {type(fields).__name__}")
        yield location, fields


def json_rows(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yields the location and all fields of each record of a JSON Lines or .json file.

    Raises:
        InputError: It cannot be read, is too large, or is something else.
    """
    lines = iter(read_lines(file, config, read_log))
    if file.kind != ".json":
        yield from _line_objects(lines, file)
        return
    begin = list(itertools.islice(((number, line) for number, line in lines if line.strip()), 2))
    lines = itertools.chain(begin, lines)
    if len(begin) == 2 and all(_is_object(line) for _, line in begin):
        yield from _line_objects(lines, file)
    elif begin:
        content = _whole(lines, file)
        if isinstance(content, dict) and config.text_field not in content:  # perhaps an object of columns
            lists = [name for name, values in content.items() if isinstance(values, list | dict)]
            config = replace(config, text_field=lists[0]) if lists else config
        for number, fields in enumerate(_items(content, file, config), start=1):
            yield f"{file.name}, item {number}", fields


def read_json(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the records of a .json file: an array of objects or of texts, an object of columns, or JSON Lines.

    Raises:
        InputError: It cannot be read, is too large, or is something else.
    """
    lines = ((number, line) for number, line in read_lines(file, config, read_log) if line.strip())
    begin = list(itertools.islice(lines, 2))
    if len(begin) == 2 and all(_is_object(line) for _, line in begin):
        yield from _line_records(itertools.chain(begin, lines), file, config, read_log)
        return
    if not begin:
        return
    names: Set[str] | None = None
    for number, fields in enumerate(_items(_whole(itertools.chain(begin, lines), file), file, config), start=1):
        location = f"{file.name}, item {number}"
        if fields.keys() != names:
            names = fields.keys()
            require_fields(list(names), location, config)
        yield from make_record(location, fields, config, read_log)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _whole(lines: Lines, file: SourceFile) -> Any:
    texts: list[str] = []
    size = 0
    for _, line in lines:
        texts.append(line)
        size += len(line) + 1
        if size > MAX_JSON_CHARACTERS:
            raise InputError(f"{file.name}: more than {MAX_JSON_CHARACTERS:,} characters of JSON; {JSON_LINES}")
    try:
        return json.loads("\n".join(texts))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{file.name}: not JSON ({reason(error)}); give an array of objects, or name a file with one object on "
            "each line .jsonl"
        ) from error


def _items(content: Any, file: SourceFile, config: DataConfig) -> Iterator[Mapping[str, object]]:
    """Yields the records of an array, of an object of columns, or of an object that is one record."""
    if isinstance(content, list):
        for number, item in enumerate(content, start=1):
            if not isinstance(item, dict | str):
                raise _not_an_object(f"{file.name}, item {number}", f"a {type(item).__name__}")
            yield item if isinstance(item, dict) else {config.text_field: item}
        return
    if not isinstance(content, dict):
        raise InputError(f"{file.name}: a {type(content).__name__}; give an array of objects such as {_EXAMPLE}")
    texts = content.get(config.text_field)
    if not isinstance(texts, list | dict):
        yield content
        return
    columns = {name: _column(values) for name, values in content.items() if isinstance(values, type(texts))}
    if any(len(values) != len(texts) for values in columns.values()):
        sizes = ", ".join(f"{name!r}: {len(values)}" for name, values in list(columns.items())[:10])
        raise InputError(f"{file.name}: columns of different lengths ({sizes}); give an array of objects instead")
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def _column(values: Any) -> list[object]:
    return list(values.values()) if isinstance(values, dict) else values


def _parse(line: str, location: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise _not_an_object(location, f"{error.msg}, column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise _not_an_object(location, reason(error)) from error


def _not_an_object(location: str, problem: str) -> InputError:
    array = "; name a file with an array .json" if "list" in problem or "Expecting value" in problem else ""
    return InputError(f"{location}: not a JSON object ({problem}); each must be one object such as {_EXAMPLE}{array}")

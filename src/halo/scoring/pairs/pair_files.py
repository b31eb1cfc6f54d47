"""Files of minimal pairs -> pairs: JSON Lines as BLiMP's, tables with two columns, or alternating lines as Zorro's.

BLiMP: Warstadt et al. (2020), https://github.com/alexwarstadt/blimp. Zorro: Huebner et al. (2021),
https://github.com/phueb/Zorro; of its lines, the odd ones are unacceptable and the even ones acceptable.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from halo.config import DataConfig
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.file_kinds import TEXT_KINDS, described
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.formats import read_rows
from halo.corpus.sources.lines import ReadLog, read_lines
from halo.runtime.errors import InputError
from halo.scoring.pairs.pair_scores import Pair

AUTO = "auto"
GOOD_NAMES = ("sentence_good", "good", "grammatical", "acceptable")
BAD_NAMES = ("sentence_bad", "bad", "ungrammatical", "unacceptable")
PARADIGM_NAMES = ("UID", "uid", "paradigm")
MAX_LISTED = 12
ALTERNATE = "lines alternate, first the unacceptable and then the acceptable sentence of each pair"

log = logging.getLogger(__name__)


def read_pairs(
    path: str, config: DataConfig, *, good_field: str = AUTO, bad_field: str = AUTO, paradigm_field: str = AUTO
) -> list[Pair]:
    """Returns the minimal pairs of a file, or of all files of a folder.

    Args:
        path: A file, folder, glob pattern or URL. Without a field for it, a paradigm has the name of its file.
        config: How files are read.
        good_field: Field of the acceptable sentence; `auto`: the first of `GOOD_NAMES` that there is.
        bad_field: Field of the unacceptable sentence; `auto`: the first of `BAD_NAMES`.
        paradigm_field: Field of the paradigm; `auto`: the first of `PARADIGM_NAMES`, else the name of the file.

    Raises:
        InputError: There is no such file, it cannot be read, a field is missing or not text, or a text file has an odd
            number of lines.
    """
    found = find_files([path], key="pairs")
    found.log_ignored("pairs")
    is_folder = len(found.files) > 1
    files = [file for file in found.files if file.kind not in TEXT_KINDS or file.kind == ".txt" or not is_folder]
    if others := Counter(file.kind for file in found.files if file not in files):
        log.info("pairs: %d files were not read: %s", others.total(), described(others))
    columns = PairColumns(good_field, bad_field, paradigm_field)
    config = replace(config, text_field=GOOD_NAMES[0] if good_field == AUTO else good_field, title_field=None)
    read_log = ReadLog()
    pairs: list[Pair] = []
    for file in files:
        if file.kind in TEXT_KINDS or not file.kind:
            if (good_field, bad_field, paradigm_field) != (AUTO, AUTO, AUTO):
                raise InputError(f"pairs={file.name}: a text file has no fields, its {ALTERNATE}; give no fields")
            pairs += _read_alternating(file, config, read_log)
        else:
            pairs += _read_fields(file, config, read_log, columns)
    read_log.report()
    if not pairs:
        raise InputError(f"pairs={path}: contains no pairs; give a file with at least one")
    return pairs


class PairColumns:
    """Finds the fields of a pair among those of a row.

    Args:
        good: As `good_field` of `read_pairs`.
        bad: As `bad_field`.
        paradigm: As `paradigm_field`.
    """

    def __init__(self, good: str, bad: str, paradigm: str) -> None:
        self._wanted = {
            "good_field": GOOD_NAMES if good == AUTO else (good,),
            "bad_field": BAD_NAMES if bad == AUTO else (bad,),
            "paradigm_field": PARADIGM_NAMES if paradigm == AUTO else (paradigm,),
        }
        self._has_paradigm = paradigm != AUTO
        self._known: dict[tuple[str, ...], list[str | None]] = {}

    def find(self, names: Sequence[str], location: str) -> list[str | None]:
        """Returns the names of the good, the bad and the paradigm field; None for the last if there is none.

        Raises:
            InputError: One of them is missing, or occurs twice.
        """
        key = tuple(names)
        if key not in self._known:
            self._known[key] = [self._find(setting, key, location) for setting in self._wanted]
        return self._known[key]

    def check_header(self, header: list[str], location: str) -> list[str]:
        """Checks the names of a table's columns, and returns them as they are."""
        self.find(header, location)
        return header

    def _find(self, setting: str, names: Sequence[str], location: str) -> str | None:
        found = next((name for name in self._wanted[setting] if name in names), None)
        if found is not None and names.count(found) > 1:
            raise InputError(f"{location}: the field {found!r} occurs twice; rename one, or set {setting}")
        if found is None and (setting != "paradigm_field" or self._has_paradigm):
            listed = ", ".join(repr(name[:40]) for name in names[:MAX_LISTED]) or "none"
            more = f", and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
            wanted = " or ".join(repr(name) for name in self._wanted[setting][:2])
            raise InputError(f"{location}: no field {wanted} (fields: {listed}{more}); name the field with {setting}")
        return found


def _read_fields(file: SourceFile, config: DataConfig, read_log: ReadLog, columns: PairColumns) -> Iterator[Pair]:
    stem = _stem(file)
    for location, fields in read_rows(file, config, read_log, check_header=columns.check_header):
        good, bad, paradigm = columns.find([*fields], location)
        name = stem if paradigm is None else str(fields[paradigm])
        yield Pair(location, name, _sentence(fields, good, location), _sentence(fields, bad, location))


def _sentence(fields: Mapping[str, object], name: str | None, location: str) -> str:
    value = fields[str(name)]
    if not isinstance(value, str):
        raise InputError(f"{location}: {name!r} is {str(value)[:40]!r}, not text; give a sentence in quotation marks")
    return value


def _read_alternating(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Pair]:
    lines = [(number, line) for number, line in read_lines(file, config, read_log) if line.strip()]
    if len(lines) % 2:
        raise InputError(f"{file.name}: {len(lines):,} lines, an odd number; {ALTERNATE}")
    for (number, bad), (_, good) in zip(lines[::2], lines[1::2], strict=True):
        yield Pair(f"{file.name}, line {number}", _stem(file), good, bad)


def _stem(file: SourceFile) -> str:
    """Returns the name of a file without its folders and endings."""
    return PurePosixPath(file.location).name.removesuffix(file.compression).removesuffix(file.kind)

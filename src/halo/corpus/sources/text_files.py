"""Text files -> records: the whole file, or each part between separators, each paragraph or each line."""

from collections.abc import Iterator

from halo.config import DataConfig
from halo.corpus.cleaning.markup.html import ends_inside_markup
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import ReadLog, read_lines
from halo.corpus.sources.records import Record
from halo.corpus.sources.separators import FOUND, RULE_MARKS, is_rule, separators
from halo.runtime.errors import InputError

# Cleaning holds a text in memory several times over, so a text file that is one document is read in pieces.
PIECE_CHARACTERS = 2**21
MAX_PIECE_CHARACTERS = 2**23  # of a text without paragraphs
MAX_PARAGRAPH_CHARACTERS = 2**25  # the limit for a paragraph that is a document
MIN_RULES = 3
RULES = (
    "line[|s] such as ===== [is|are] read as text; if such lines separate documents, "
    "set data.document_separator to such a line, in quotes"
)


def read_text(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the documents of a text file, or the pieces of long ones.

    Args:
        file: The file.
        config: Says what one document is.
        read_log: Counts replaced characters and separators.

    Raises:
        InputError: The file cannot be read, or a paragraph that is a document is too long.
    """
    if config.documents == "file":
        return _read_whole(file, config, read_log)
    return _read_parts(file, config, read_log)


def _lines_and_separators(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[tuple[int, str | None]]:
    """Yields the number and the text of each line, and None in place of a separator of documents."""
    wanted = separators(config)
    marks = wanted.first_characters
    for number, line in read_lines(file, config, read_log):
        for mark in marks:  # as fast as can be: nearly all lines have none
            if mark in line:
                break
        else:
            yield number, line
            continue
        parts = wanted.split(line)
        if len(parts) == 1:
            yield number, line
            continue
        read_log.note(FOUND, f"{file.name}, line {number}", len(parts) - 1)
        for index, part in enumerate(parts):
            if index:
                yield number, None
            if part.strip():
                yield number, part


def _read_parts(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields each paragraph or each line as a record."""
    parts: list[str] = []
    start = size = 0

    def document() -> Record:
        return Record(f"{file.name}, line {start}", "", "\n".join(parts))

    for number, line in _lines_and_separators(file, config, read_log):
        if line is None:
            if parts:
                yield document()
                parts = []
            continue
        blank = not line.strip()
        if not parts:
            start, size = number, 0
            if blank and config.documents != "every_line":
                continue
        if blank and config.documents == "paragraph":
            yield document()
            parts = []
            continue
        parts.append(line)
        size += len(line) + 1
        if size > MAX_PARAGRAPH_CHARACTERS:
            raise InputError(
                f"{file.name}, line {start}: a paragraph of more than {MAX_PARAGRAPH_CHARACTERS:,} characters; "
                "set data.documents to line, or separate paragraphs with blank lines"
            )
        if config.documents != "paragraph":
            yield document()
            parts = []
    if parts:
        yield document()


def _read_whole(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the whole file, or each document between separators; a long one in pieces that end where a paragraph ends.

    No piece ends within an HTML tag or comment or within a paragraph, unless it would become too long.
    """
    lines: list[str] = []
    start = size = num_rules = first_rule = 0
    check_from = PIECE_CHARACTERS
    continues = is_divided = False

    def document() -> Record:
        location = f"{file.name}, line {start}" if is_divided else file.name
        return Record(location, "", "\n".join(lines), continues)

    for number, line in _lines_and_separators(file, config, read_log):
        if line is None:
            is_divided = True
            if lines:
                yield document()
            lines, size, check_from, continues = [], 0, PIECE_CHARACTERS, False
            continue
        if line[:1] in RULE_MARKS and is_rule(line):
            num_rules += 1
            first_rule = first_rule or number
        if not lines:
            if not line.strip():
                continue
            start = number
        lines.append(line)
        size += len(line) + 1
        if size < check_from or (line.strip() and size < MAX_PIECE_CHARACTERS):
            continue
        if size < MAX_PIECE_CHARACTERS and ends_inside_markup("\n".join(lines)):
            check_from = size + PIECE_CHARACTERS // 4
            continue
        yield document()
        lines, size, check_from, continues = [], 0, PIECE_CHARACTERS, True
    if lines:
        yield document()
    if num_rules >= MIN_RULES and file.kind != ".md":  # where they mark headings
        read_log.note(RULES, f"{file.name}, line {first_rule}", num_rules)

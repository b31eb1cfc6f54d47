"""The steps as text for a terminal of 80 columns, the same when it is written to a file."""

import textwrap

from halo.reports.console import WIDTH, table, wrapped
from halo.showing.lesson import Cell, Lesson, Section, Strip, Table
from halo.tokenization.detokenizer import for_terminal

BLOCKS = "▁▂▃▄▅▆▇█"
BAR = 8
"""Columns of the longest bar."""


def lesson_text(lesson: Lesson) -> str:
    """Returns all steps as text."""
    lines = [lesson.title, *(f"Note: {note}" for note in lesson.notes)]
    parts = ["\n".join(wrapped(for_terminal(line)) for line in lines), *map(_section, lesson.sections)]
    return "\n\n".join(parts)


def _section(section: Section) -> str:
    paragraphs = [textwrap.fill(line, WIDTH) for text in section.text for line in for_terminal(text).splitlines()]
    return "\n".join([section.title, "-" * len(section.title), *paragraphs, *map(_table, section.tables)])


def _table(shown: Table) -> str:
    rows = [[_cell(each) for each in row] for row in shown.rows]
    return table(shown.caption, shown.header, rows, text_columns=shown.text_columns)


def _cell(cell: Cell) -> str:
    return blocks(cell) if isinstance(cell, Strip) else for_terminal(cell)


def blocks(strip: Strip) -> str:
    """Returns values as blocks of eight heights, and a single value as a bar.

    >>> blocks(Strip((0.0, 0.5, 1.0), 0, 1)), blocks(Strip((0.5,), 0, 1))
    ('▁▅█', '████')
    """
    if len(strip.values) == 1 and strip.low == 0:
        return "█" * round(strip.shares()[0] * BAR)
    return "".join(BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)] for share in strip.shares())

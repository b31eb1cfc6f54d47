"""Crossings and topics over time as tables of 80 columns for the terminal."""

import math
import textwrap
from collections.abc import Sequence

from halo.reports.console import number, table, wrapped
from halo.runtime.errors import counted, printable
from halo.topic_modelling.crossings.crossing import Cell, Crossing
from halo.topic_modelling.crossings.over_time import TopicsOverTime

MAX_COLUMNS, COLUMN_WIDTH = 4, 9
"""More columns, of this number of characters, do not fit beside the words of a topic."""
MAX_PERIODS = 4
MAX_WORDS, MAX_WORDS_BESIDE_COLUMNS = 22, 18
"""Number of characters that the words of a topic have beside few and beside many columns."""
SIGNIFICANT = 0.05
STAR = "*: differs from all other topics by more than chance (Holm, p < 0.05)"
UNTESTED = "?: too few documents to test"


def crossing_table(crossing: Crossing, words: Sequence[Sequence[str]]) -> str:
    """Returns a measure by topic as a table: with intervals if there is one column, else the means of the columns.

    Args:
        crossing: The measure by topic.
        words: The words of each topic, best first.
    """
    measure = crossing.measure
    units = f"{counted(crossing.num_units, 'text')} of {counted(crossing.num_documents, 'document')}"
    title = f"{measure.name.capitalize()} by topic: {measure.meaning}; {units}"
    if len(measure.columns) == 1:
        return table(title, *_single(crossing, words), text_columns=(0, 1)) + _below([STAR, *measure.notes])
    parts = []
    digits = 0 if measure.is_share else 1  # probabilities of a classifier differ less than shares of texts
    at_once = math.ceil(len(measure.columns) / math.ceil(len(measure.columns) / MAX_COLUMNS))
    for first in range(0, len(measure.columns), at_once):
        names = [
            textwrap.fill(printable(name)[: 3 * COLUMN_WIDTH], COLUMN_WIDTH)
            for name in measure.columns[first : first + at_once]
        ]
        rows = [
            [
                f"{topic + 1}",
                _short(own, MAX_WORDS_BESIDE_COLUMNS),
                *(_share_text(cell, digits) for cell in cells[first : first + at_once]),
            ]
            for topic, (own, cells) in enumerate(zip(words, crossing.cells, strict=True))
        ]
        overall = [f"{share:.{digits}%} " for share in crossing.overall[first : first + at_once]]
        rows.append(["all", "", *overall])
        parts.append(table(title if first == 0 else "", ["topic", "words", *names], rows, text_columns=(0, 1)))
    marks = [STAR, *([UNTESTED] if any(cell.p_value is None for cells in crossing.cells for cell in cells) else [])]
    return "\n".join(part.strip() for part in parts) + _below([*marks, *measure.notes])


def _single(crossing: Crossing, words: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for topic, (own, (cell,)) in enumerate(zip(words, crossing.cells, strict=True)):
        if cell.mean is None:
            rows.append([f"{topic + 1}", _short(own), "-", "-", "-", "-"])
            continue
        bounds = "-" if cell.low is None else f"{number(cell.low)}-{number(cell.high)}"
        change = "-" if cell.others is None else f"{cell.mean - cell.others:+.2f}{_star(cell)}"
        p_value = "-" if cell.p_value is None else "<0.001" if cell.p_value < 0.001 else f"{cell.p_value:.3f}"
        rows.append([f"{topic + 1}", _short(own), number(cell.mean), bounds, change, p_value])
    rows.append(["all", "", number(crossing.overall[0]), "", "", ""])
    return ["topic", "words", "mean", "95% interval", "vs others", "p (Holm)"], rows


def _share_text(cell: Cell, digits: int) -> str:
    return "-" if cell.mean is None else f"{cell.mean:.{digits}%}{_star(cell) or ' '}"


def _star(cell: Cell) -> str:
    if cell.p_value is None:
        return "?"
    return "*" if cell.p_value < SIGNIFICANT else ""


def time_table(found: TopicsOverTime, words: Sequence[Sequence[str]]) -> str:
    """Returns the share of each topic in the last periods as a table, and whether it rises or falls.

    Args:
        found: The topics over time.
        words: The words of each topic, best first.
    """
    shown = range(max(0, len(found.periods) - MAX_PERIODS), len(found.periods))
    header = ["topic", "words", *(found.periods[place] for place in shown), "trend"]
    rows = [
        [
            f"{topic + 1}",
            _short(own),
            *(f"{100 * found.shares[place][topic].share:.0f}%" for place in shown),
            _trend(found, topic),
        ]
        for topic, own in enumerate(words)
    ]
    rows.append(["", "texts", *(f"{found.units[place]:,}" for place in shown), ""])
    title = f"Topics over time: share of the texts of each {found.period}"
    if len(shown) < len(found.periods):
        title += f" (the last {len(shown)} of {len(found.periods)}; topics_over_time.csv has all, with intervals)"
    notes = [
        "trend: + rises, - falls by more than chance (Holm, p < 0.05), in a straight line over all texts; = neither. "
        "Texts of one document count together; that a subject comes and goes within the time is not tested."
    ]
    if found.trends is None:
        notes = ["No trend is tested: that takes three periods and eight documents with dates."]
    if found.num_undated:
        notes.append(f"{counted(found.num_undated, 'text')} without a date left out.")
    return table(title, header, rows, text_columns=(0, 1)) + _below(notes)


def _trend(found: TopicsOverTime, topic: int) -> str:
    if found.trends is None:
        return "-"
    trend = found.trends[topic]
    return "=" if trend.p_value >= SIGNIFICANT else "+" if trend.change > 0 else "-"


def _short(words: Sequence[str], limit: int = MAX_WORDS) -> str:
    """Returns the first words of a topic, as many as fit beside other columns.

    >>> _short(["ventilation", "oxygen", "intubation", "lung"])
    'ventilation oxygen'
    """
    text = ""
    for word in words:
        longer = f"{text} {printable(word)}".strip()
        if len(longer) > limit:
            break
        text = longer
    return text or printable(words[0])[:limit] if words else ""


def _below(notes: Sequence[str]) -> str:
    return "".join(f"\n{wrapped(note)}" for note in notes)

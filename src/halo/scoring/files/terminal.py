"""Scores as tables for a terminal, with bars."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from halo.reports.console import number, table
from halo.runtime.errors import printable
from halo.scoring.files.writers import Writer

MAX_BAR = 30
"""Longest bar, one character per bit; surprisal has no upper limit."""
MAX_CELL = 60

SHOWN = {
    "word": "word",
    "region": "region",
    "text": "text",
    "surprisal_bits": "bits",
    "entropy_bits": "entropy",
    "rank": "rank",
    "kneser_ney_bits": "Kneser-Ney",
    "perplexity_per_token": "perplexity",
}
"""The columns that a table has room for, with their names there."""


class TerminalWriter(Writer):
    """Prints the rows of each text as a table.

    Args:
        names: The columns of the rows.
        print_text: Prints lines.
    """

    def __init__(self, names: Sequence[str], print_text: Callable[[str], object]) -> None:
        self._names = [name for name in SHOWN if name in names]
        self._print = print_text

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Prints a table for each text; if each has a single row, one for all."""
        given = list(rows)
        if "text" in self._names:
            self._print(f"{self._table('Surprisal in bits', given)}\n")
            return
        for sentence, own in groupby(given, key=lambda row: row["sentence_id"]):
            self._print(f"{self._table(f'Text {sentence}: surprisal in bits', list(own))}\n\n")

    def _table(self, title: str, rows: Sequence[Mapping[str, Any]]) -> str:
        names = [name for name in self._names if any(row.get(name) is not None for row in rows)]
        header = [*(SHOWN[name] for name in names), "", ""]
        cells = [[*(_cell(row.get(name)) for name in names), _bar(row), _remark(row)] for row in rows]
        last = len(header) - 1
        return table(title, header, cells, text_columns=(0, last - 1, last))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return "-" if value is None else printable(str(value))[:MAX_CELL]


def _bar(row: Mapping[str, Any]) -> str:
    bits = row.get("surprisal_bits")
    return "" if bits is None or "text" in row else "#" * min(round(bits), MAX_BAR)


def _remark(row: Mapping[str, Any]) -> str:
    return row.get("note") or ("" if row.get("known", True) in (True, None) else "<unk>")

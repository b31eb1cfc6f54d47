"""Labels as a table for a terminal."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from halo.classification.prediction.agreement import shown_label
from halo.classification.prediction.prediction_rows import PREDICTED, PROBABILITY
from halo.reports.console import table
from halo.runtime.errors import printable
from halo.scoring.files.writers import Writer

MAX_TEXT = 40
"""Characters of a text in the table."""


class TerminalWriter(Writer):
    """Prints each chunk of rows as a table.

    Args:
        print_text: Prints lines.
        explains: Whether the rows name the most telling words.
    """

    def __init__(self, print_text: Callable[[str], object], *, explains: bool) -> None:
        self._print, self._explains = print_text, explains

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Prints a table with a row for each text."""
        header = ["text", "label", "probability", *(["telling words"] if self._explains else []), ""]
        cells = [self._cells(row) for row in rows]
        last = len(header) - 1
        self._print(f"{table('Predicted labels', header, cells, text_columns=(0, 1, *range(3, last + 1)))}\n")

    def _cells(self, row: Mapping[str, Any]) -> list[str]:
        text = printable(" ".join(row["text"].split()))
        cells = [text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…", shown_label(row[PREDICTED]) or "-"]
        probability = row.get(PROBABILITY)
        cells.append("-" if probability is None else f"{probability:.3f}")
        return [*cells, *([row.get("telling_words", "")] if self._explains else []), row["note"]]

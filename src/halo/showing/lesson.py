"""What is shown of a batch: sections of sentences and tables, which the terminal and the page draw in their own way."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Strip(NamedTuple):
    """A row of values that is drawn as blocks or colours.

    Attributes:
        values: The values.
        low: The value of the lowest block; values below it are drawn as it.
        high: The value of the highest block.
    """

    values: tuple[float, ...]
    low: float
    high: float

    def shares(self) -> list[float]:
        """Returns where each value lies between the lowest and the highest block, from 0 to 1.

        >>> Strip((-2.0, 0.0, 1.0), -1, 1).shares()
        [0.0, 0.5, 1.0]
        """
        return [min(max((value - self.low) / (self.high - self.low), 0.0), 1.0) for value in self.values]


Cell = str | Strip


@dataclass(frozen=True)
class Table:
    """A table of a section.

    Attributes:
        caption: One line above it.
        header: Names of the columns.
        rows: Cells of each row.
        text_columns: Indices of the columns that are text; the others are figures.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    text_columns: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Section:
    """A step from text to loss.

    Attributes:
        name: Identifies it on the page.
        title: Its heading.
        text: Paragraphs that explain the step.
        tables: Its tables.
    """

    name: str
    title: str
    text: tuple[str, ...]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """All steps from text to loss.

    Attributes:
        title: What is shown: the model, or the text.
        notes: What a reader has to know about it, such as that the model is untrained.
        sections: The steps in order.
    """

    title: str
    notes: tuple[str, ...]
    sections: tuple[Section, ...] = field(default_factory=tuple)

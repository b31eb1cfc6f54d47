"""The rows of the output: a text, its label, and the other columns of the input."""

from collections.abc import Sequence
from dataclasses import dataclass

from halo.classification.prediction.classifications import Classification
from halo.scoring.files.items import Item

EMPTY = "empty"
"""The note of a text that is empty after cleaning."""
UNSURE = "unsure"
"""The note of a text whose label is less probable than the threshold."""

PREDICTED = "predicted_label"
PROBABILITY = "probability"

Row = dict[str, object]


@dataclass(frozen=True)
class Layout:
    """The columns of the output, and how a row is made.

    Attributes:
        labels: The labels that have a column with their probability each; none if that is not asked for.
        threshold: The probability from which a label is given.
        explains: Whether there is a column with the most telling words.
    """

    labels: Sequence[str]
    threshold: float
    explains: bool

    @property
    def columns(self) -> dict[str, type]:
        """The names and types of the columns."""
        columns: dict[str, type] = {"text_id": int, "text": str, PREDICTED: str, PROBABILITY: float}
        columns |= {"entropy_bits": float}
        columns |= {f"{PROBABILITY}_{label}": float for label in self.labels}
        return columns | ({"telling_words": str} if self.explains else {}) | {"note": str}

    def is_sure(self, found: Classification) -> bool:
        """Returns whether a label is given."""
        return found.probability >= self.threshold

    def row(self, number: int, item: Item, found: Classification | None, telling_words: str = "") -> Row:
        """Returns the row of a text, without the other columns of the input.

        Args:
            number: The number of the text, from 1.
            item: The text.
            found: Its label; None for a text that is empty after cleaning.
            telling_words: The words that told most for the label.
        """
        row: Row = {"text_id": number, "text": item.text}
        if found is None:
            return {**row, PREDICTED: "", "note": EMPTY}
        is_sure = self.is_sure(found)
        return {
            **row,
            PREDICTED: found.label if is_sure else "",
            PROBABILITY: found.probability,
            "entropy_bits": found.entropy_bits,
            **{f"{PROBABILITY}_{label}": found.probabilities[label] for label in self.labels},
            "telling_words": telling_words,
            "note": "" if is_sure else UNSURE,
        }

"""Words with surprisal and reading time -> the rows of a regression, with the figures of the two words before.

Shape letters: N rows, P predictors.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SPILLOVER = 2
"""The number of words before a word whose figures predict its reading time too (spillover)."""
PLACES = ("word", "word before", "two before")
CONTROLS = ("length", "log frequency")
SURPRISAL = "surprisal"

NO_TIME = "without a reading time"
OUTSIDE = "with a reading time outside the limits"
NO_CONTEXT = f"among the first {SPILLOVER} of their text"
NO_FIGURES = "where it, or one of the two words before, has no surprisal or frequency"


class TimedWord(NamedTuple):
    """A word of a text, with its reading time.

    Attributes:
        text_id: The text that it belongs to.
        length: Number of its characters.
        log_frequency: log10 of its occurrences per million words; None if it has none.
        bits: Its surprisal; None if it has none.
        milliseconds: Its reading time; None if it has none.
    """

    text_id: str
    length: int
    log_frequency: float | None
    bits: float | None
    milliseconds: float | None


@dataclass(frozen=True)
class Observations:
    """The rows of a regression.

    Attributes:
        times_N: Reading times, in milliseconds.
        controls_NP: Length and log frequency of the word, the word before and the one before that.
        surprisals_NP: Their surprisals, in bits.
        texts_N: The number of the text of each row, from 0.
        text_ids: The texts, in order.
        left_out: Number of words that are no rows, by the reason; each word has one reason.
    """

    times_N: Floats
    controls_NP: Floats
    surprisals_NP: Floats
    texts_N: npt.NDArray[np.int64]
    text_ids: Sequence[str]
    left_out: Counter[str]

    @property
    def control_names(self) -> list[str]:
        """The names of the columns of `controls_NP`."""
        return [f"{name}, {place}" for name in CONTROLS for place in PLACES]

    @property
    def surprisal_names(self) -> list[str]:
        """The names of the columns of `surprisals_NP`."""
        return [f"{SURPRISAL}, {place}" for place in PLACES]


def make_observations(words: Iterable[TimedWord], *, limits: tuple[float, float]) -> Observations:
    """Returns the rows of a regression, the same with surprisal and without.

    Args:
        words: The words of all texts in order, those of a text together.
        limits: The lowest and the highest reading time that is used, in milliseconds.
    """
    rows: list[list[float]] = []
    texts: list[int] = []
    left_out: Counter[str] = Counter()
    text_ids: list[str] = []
    for number, (text_id, group) in enumerate(groupby(words, key=lambda each: each.text_id)):
        text_ids.append(text_id)
        read = list(group)
        for position, word in enumerate(read):
            figures = [_figures(each) for each in read[max(0, position - SPILLOVER) : position + 1][::-1]]
            why = _why_left_out(word, figures, limits)
            if why is not None:
                left_out[why] += 1
                continue
            by_predictor = zip(*[each for each in figures if each is not None], strict=True)
            rows.append([float(word.milliseconds or 0), *(value for values in by_predictor for value in values)])
            texts.append(number)
    table = np.array(rows, dtype=np.float64).reshape(-1, 1 + (1 + SPILLOVER) * (1 + len(CONTROLS)))
    split = 1 + (1 + SPILLOVER) * len(CONTROLS)
    numbers = np.array(texts, dtype=np.int64)
    return Observations(table[:, 0], table[:, 1:split], table[:, split:], numbers, text_ids, left_out)


def _figures(word: TimedWord) -> tuple[float, float, float] | None:
    """Returns length, log frequency and surprisal of a word; None if one is missing."""
    if word.log_frequency is None or word.bits is None:
        return None
    return float(word.length), word.log_frequency, word.bits


def _why_left_out(
    word: TimedWord, figures: Sequence[tuple[float, float, float] | None], limits: tuple[float, float]
) -> str | None:
    """Returns why a word is no row; None if it is one."""
    if word.milliseconds is None:
        return NO_TIME
    if not limits[0] <= word.milliseconds <= limits[1]:
        return OUTSIDE
    if len(figures) <= SPILLOVER:
        return NO_CONTEXT
    return NO_FIGURES if None in figures else None

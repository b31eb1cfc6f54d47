"""The report on reading times: what surprisal adds to their prediction, and the coefficients."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from halo.reports.console import table
from halo.runtime.errors import InputError
from halo.scoring.comparison.statistics import show_p_value
from halo.scoring.reading_times.observations import Observations, TimedWord
from halo.scoring.reading_times.regression import ReadingTimeGain
from halo.scoring.reading_times.word_rows import WordTable, as_number
from halo.scoring.scored_text import ScoredWord

MISSING_TIMES = {"", "na", "nan", "n/a", "null", "none", "."}
"""How tables write that there is no value."""


class ReadingTimes(NamedTuple):
    """The words of all texts with their reading times.

    Attributes:
        words: The words, each with the mean time of its readers.
        num_times: Number of reading times, of single readers where a word has several.
        num_outside: Number of those that are outside the limits and left out of the mean of several.
    """

    words: list[TimedWord]
    num_times: int
    num_outside: int


def reading_times(
    table: WordTable, scores: Mapping[str, Sequence[ScoredWord]], *, predicts: str, limits: tuple[float, float]
) -> ReadingTimes:
    """Returns the words of all texts with their surprisal and mean reading time.

    Rows with the same number in a text are the same word, read by several readers: the mean of the times within the
    limits is taken.

    Args:
        table: The rows.
        scores: The scores of the words of each text.
        predicts: The column of the reading times, in milliseconds.
        limits: The lowest and the highest time that is used.

    Raises:
        InputError: A reading time is not a number, or there is none at all.
    """
    times: dict[tuple[str, int], list[float]] = {}
    for row in table.rows:
        value = row.item.columns[predicts]
        if value is None or str(value).strip().casefold() in MISSING_TIMES:
            continue
        time = as_number(value)
        if time is None or not math.isfinite(time):
            where = f"{row.item.location}: {predicts}={str(value)[:40]!r}"
            raise InputError(f"{where} is not a number; leave the reading time empty where there is none")
        times.setdefault((row.text_id, row.position), []).append(time)
    if not times:
        raise InputError(f"predicts={predicts}: the column has no values; name the column of the reading times")
    words = [
        TimedWord(
            text_id, len(word.text), word.log_frequency, word.bits, _mean(times.get((text_id, place), []), limits)
        )
        for text_id, scored in scores.items()
        for place, word in enumerate(scored)
    ]
    given = [time for each in times.values() for time in each]
    return ReadingTimes(words, len(given), sum(not limits[0] <= time <= limits[1] for time in given))


def _mean(times: Sequence[float], limits: tuple[float, float]) -> float | None:
    """Returns the mean of the times within the limits, of all of them if none is, and None if there are none."""
    used = [each for each in times if limits[0] <= each <= limits[1]] or times
    return math.fsum(used) / len(used) if used else None


def gain_tables(gain: ReadingTimeGain, observations: Observations, times: ReadingTimes, *, title: str) -> str:
    """Returns the gain with its interval, what was left out, and the table of coefficients.

    Args:
        gain: The gain.
        observations: The rows that it comes from.
        times: The reading times that these come from.
        title: What was predicted with which model.
    """
    interval = "-" if gain.interval is None else f"{gain.interval.low:+.4f} to {gain.interval.high:+.4f}"
    texts = len(gain.by_text)
    lines = [
        title,
        f"Gain in log-likelihood from surprisal: {gain.nats_per_word:+.4f} nats per word",
        f"  95% interval {interval} (bootstrap over texts)",
        f"  p {_equals(gain.p_value)} (one-sided permutation test over texts); a gain in {gain.texts_with_gain} of "
        f"{texts} texts",
        f"  {gain.folds}-fold cross-validation by text; {gain.baseline_nats_per_word:.4f} nats per word without "
        "surprisal",
        f"  R2 on all words: {gain.baseline_r_squared:.4f} without surprisal, {gain.r_squared:.4f} with it",
        f"{gain.rows:,} of {len(times.words):,} words are used, with {times.num_times:,} reading times",
        *_left_out(observations.left_out),
    ]
    if times.num_times > len(times.words):
        lines.append(f"  {times.num_outside:,} reading times outside the limits are left out of the means of readers")
    rows = [
        [each.name, f"{each.value:.3f}", f"{each.standard_error:.3f}", f"{each.t:.2f}", show_p_value(each.p_value)]
        for each in gain.coefficients
    ]
    header = ["predictor", "ms per unit", "standard error", "t", "p"]
    units = "Regression on all these words; ms per character, tenfold frequency, bit"
    return "\n".join(lines) + "\n\n" + table(units, header, rows)


def gain_as_dict(gain: ReadingTimeGain, observations: Observations) -> dict[str, Any]:
    """Returns all figures as plain data, for metrics.json."""
    coefficients = [each._asdict() for each in gain.coefficients]
    return {**asdict(gain), "coefficients": coefficients, "left_out": dict(observations.left_out)}


def _left_out(counts: Counter[str]) -> list[str]:
    return [f"  left out: {number:,} words {reason}" for reason, number in counts.items()]


def _equals(value: float | None) -> str:
    shown = show_p_value(value)
    return shown if shown.startswith("<") else f"= {shown}"

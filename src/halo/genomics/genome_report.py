"""The measurement of a genome for the terminal and for metrics.json."""

from halo.evaluation.bootstrap import Interval
from halo.evaluation.evaluation_report import Report
from halo.genomics.measurement import Measurement
from halo.reports.console import table, wrapped

RESEARCH_ONLY = "For research: a statistical model of sequence, not for diagnosis or any clinical decision."
CHOSEN = " *"
"""What marks the Markov model that was chosen on validation."""


def measurement_report(measured: Measurement, *, title: str, test: str = "test") -> Report:
    """Returns the table of bits per base and the verdict.

    Args:
        measured: The figures.
        title: What was measured.
        test: The heading of the measured sequences.
    """
    rows = [
        [
            f"{row.name}{CHOSEN * row.is_chosen}",
            _bits(row.validation),
            _bits(row.test),
            _interval(row.interval),
            row.choice,
        ]
        for row in measured.rows
    ]
    header = ["bits per base", "validation", test, "95% interval", "chosen"]
    shown = table(title, header, rows, text_columns=(0, 4))
    notes = [f"{measured.bases:,} bases; intervals from {measured.blocks:,} resampled blocks of consecutive bases."]
    if measured.markov is not None:
        notes.append("* and the last column: chosen on validation. Markov models count the training split.")
    notes += [*measured.verdict.splitlines(), RESEARCH_ONLY]
    return Report("\n".join([shown, *map(wrapped, notes)]), measured.as_dict())


def _bits(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _interval(bounds: Interval | None) -> str:
    return "-" if bounds is None else f"{bounds.low:.4f}-{bounds.high:.4f}"

"""The report that a finished training run prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from halo.reports.console import breakdown_table, metrics_table, result_table, show_samples, wrapped


def run_report(
    metrics: dict[str, Any], samples: Sequence[str], commands: str, *, remembered: Sequence[str] = ()
) -> str:
    """Returns the report of a run: samples, metrics, verdict, and the commands to run next.

    Args:
        metrics: The metrics of the run, as in metrics.json.
        samples: Generated texts; none of series.
        commands: The run folder and the commands to run next.
        remembered: Lines about what the model remembers of its training text; none if that was not measured.
    """
    parts = [
        *([f"Samples:\n\n{show_samples(samples)}\n"] if samples else []),
        metrics_table(metrics["splits"]),
        "",
        breakdown_table("validation", metrics["splits"]["validation"]),
        "",
        result_table(metrics),
        wrapped(f"Verdict: {metrics['verdict']}"),
        *(bits_per_base_lines(metrics["genome"]) if "genome" in metrics else []),
        *remembered,
        commands,
    ]
    return "\n".join(parts)


def bits_per_base_lines(genome: Mapping[str, Any]) -> list[str]:
    """Returns the bits per base of the test regions of a genome, of Markov models the best one, and the comparison.

    Args:
        genome: The entry `genome` of metrics.json.
    """
    models = genome["models"]
    shown = [row for key, row in models.items() if row["is_chosen"] or not key.startswith("markov_")]
    bits = "; ".join(f"{row['name']}: {row['test_bits_per_base']:.4f}" for row in shown)
    return [wrapped(f"Bits per base (test): {bits}"), *map(wrapped, genome["verdict"].splitlines())]

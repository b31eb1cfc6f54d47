"""The report that a finished training run prints."""

from collections.abc import Sequence
from typing import Any

from halo.reports.console import breakdown_table, metrics_table, result_table, show_samples, wrapped


def run_report(metrics: dict[str, Any], samples: Sequence[str], commands: str) -> str:
    """Returns the report of a run: samples, metrics, verdict, and the commands to run next.

    Args:
        metrics: The metrics of the run, as in metrics.json.
        samples: Generated texts.
        commands: The run folder and the commands to run next.
    """
    parts = [
        f"Samples:\n\n{show_samples(samples)}\n",
        metrics_table(metrics["splits"]),
        "",
        breakdown_table("validation", metrics["splits"]["validation"]),
        "",
        result_table(metrics),
        wrapped(f"Verdict: {metrics['verdict']}"),
        commands,
    ]
    return "\n".join(parts)

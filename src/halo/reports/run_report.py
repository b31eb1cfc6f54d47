"""What a finished run prints: samples, figures, the verdict, and what to do next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halo.reports.console import breakdown_table, next_commands, quality_table, result_table, show_samples


def run_report(metrics: dict[str, Any], samples: Sequence[str], run_dir: Path) -> str:
    """Returns the report of a run.

    Args:
        metrics: Its figures, as in metrics.json.
        samples: Texts that the model wrote.
        run_dir: Its folder.
    """
    parts = [
        f"Samples:\n\n{show_samples(samples)}\n",
        quality_table(metrics["quality"]),
        "",
        breakdown_table("validation", metrics["quality"]["validation"]),
        "",
        result_table(metrics),
        f"Verdict: {metrics['verdict']}",
        next_commands(run_dir),
    ]
    return "\n".join(parts)

"""What is recorded of each job of a multirun: its settings, how it ended, and what it measured."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString

from halo.config.messages import shown

INTERRUPTED, FINISHED, FAILED = "interrupted", "finished", "failed"
SEED = "seed"
VALIDATION = "validation_perplexity"
FIGURES = {
    "metrics.json": (VALIDATION, "test_perplexity", "train_perplexity", "num_parameters", "minutes"),
    "lr_finder.json": ("suggested_lr",),
}
"""The figures to record from each file that a job may have written."""


@dataclass
class Job:
    """What is recorded of a job: once when it starts, and again when it ends.

    Attributes:
        number: The number of the job in the multirun.
        settings: The settings of its command line.
        status: `interrupted` until it ends.
        reason: Why it failed, in one line; empty if it did not.
        exit_status: The exit status of a single run that ends like this job.
        folder: The folder of its files; empty until it ends.
        figures: What it measured.
    """

    number: int
    settings: dict[str, str]
    status: str = INTERRUPTED
    reason: str = ""
    exit_status: int = 0
    folder: str = ""
    figures: dict[str, float | None] = field(default_factory=dict)

    @property
    def settings_without_seed(self) -> tuple[tuple[str, str], ...]:
        """What jobs that repeat each other with other seeds have in common."""
        return tuple(sorted(each for each in self.settings.items() if each[0] != SEED))


def settings_of(overrides: Sequence[str]) -> dict[str, str]:
    """Returns the settings of a job's command line, by key."""
    return dict(map(_setting, overrides))


def _setting(override: str) -> tuple[str, str]:
    """Returns the key and the value of a setting on the command line, without quotation marks.

    >>> _setting("+name='a, b'"), _setting("~callbacks.early_stopping")
    (('name', 'a, b'), ('callbacks.early_stopping', 'removed'))
    """
    parsed = OverridesParser.create().parse_override(override)
    key = parsed.get_key_element().lstrip("+~")
    value = parsed.value()
    if override.startswith("~"):
        return key, "removed"
    if isinstance(value, list | dict):
        return key, override.split("=", 1)[1]
    if isinstance(value, QuotedString):
        return key, value.text
    return key, value if isinstance(value, str) else shown(value)


def figures_of(folder: Path) -> dict[str, float | None]:
    """Returns the figures that a finished job has written into its folder."""
    figures: dict[str, float | None] = {}
    for name, keys in FIGURES.items():
        if (folder / name).is_file():
            found = json.loads((folder / name).read_text(encoding="utf-8"))
            figures |= {key: found.get(key) for key in keys}
    return figures


def best_first(jobs: Sequence[Job]) -> list[Job]:
    """Returns jobs by their validation perplexity, the lowest first; those without one last, by their numbers."""
    return sorted(jobs, key=lambda job: (_order(job.figures), job.number))


def _order(figures: Mapping[str, float | None]) -> float:
    perplexity = figures.get(VALIDATION)
    return math.inf if perplexity is None or math.isnan(perplexity) else perplexity

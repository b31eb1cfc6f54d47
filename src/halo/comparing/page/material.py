"""What the sections of the page are made of."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halo.comparing.comparison import MEASURES, ComparedRun, Comparison
from halo.comparing.page.charts.curves import Curve, runs_with_curve
from halo.comparing.page.charts.values import setting_text
from halo.comparing.study import Study, study_of

Context = dict[str, Any]
"""The variables of a template; `missing` says why a section has nothing to show."""


@dataclass(frozen=True)
class Material:
    """A comparison, and where its page will be.

    Attributes:
        comparison: The comparison.
        folder: The folder of the page, from which links lead to the reports of the runs.
    """

    comparison: Comparison
    folder: Path

    @functools.cached_property
    def study(self) -> Study | None:
        """The study that all runs are trials of; None if they are not."""
        return study_of(self.comparison.runs)

    @functools.cached_property
    def curves(self) -> list[Curve]:
        """The runs with a curve, best first."""
        return runs_with_curve(self.comparison.runs)

    @property
    def measure(self) -> str:
        """What runs are ordered by, in words."""
        return MEASURES[self.comparison.measure]

    def label(self, run: ComparedRun) -> str:
        """Returns the name of a run with the settings that vary."""
        settings = self._varied(run.settings)
        return f"{run.name}: {settings}" if settings else run.name

    def group_name(self, key: str) -> str:
        """Returns a short name of a group: that of its run, or its settings that vary if any group has several runs."""
        group = self.comparison.group(key)
        has_seeds = any(len(each.runs) > 1 for each in self.comparison.groups)
        return self._varied(group.settings) or group.label if has_seeds else self.comparison.runs[group.runs[0]].name

    def group_label(self, key: str) -> str:
        """Returns the name of a group with the settings that vary."""
        group = self.comparison.group(key)
        return self.label(self.comparison.runs[group.runs[0]]) if len(group.runs) == 1 else self.group_name(key)

    def _varied(self, settings: Mapping[str, Any]) -> str:
        varied = self.comparison.varied
        return ", ".join(f"{short}={setting_text(settings[key])}" for key, short in varied.items() if key in settings)

    def ranked(self, comparable: int) -> list[ComparedRun]:
        """Returns the runs of a set with a figure above 0, best first."""
        runs = [run for run in self.comparison.runs if run.comparable == comparable]
        return [run for run in runs if (self.value(run) or 0) > 0]

    def value(self, run: ComparedRun) -> float | None:
        """Returns the figure that a run is ordered by."""
        return run.value(self.comparison.split, self.comparison.measure)

    def largest_set(self) -> list[ComparedRun]:
        """Returns the runs of the largest set of comparable ones, best first."""
        return max(map(self.ranked, self.sets), key=len, default=[])

    @property
    def sets(self) -> Sequence[int]:
        """The sets of runs that can be ranked among each other."""
        return sorted({run.comparable for run in self.comparison.runs if run.comparable is not None})

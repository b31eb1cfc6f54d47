"""Jobs of a multirun that differ only in their seed, with the mean and the spread of their figures."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from halo.cli.multirun.jobs import FINISHED, SEED, VALIDATION, Job


class Spread(NamedTuple):
    """The mean of a figure over the seeds, and its sample standard deviation; None for a single seed."""

    mean: float
    deviation: float | None


@dataclass(frozen=True)
class SeedGroup:
    """Jobs with the same settings but for their seed.

    Attributes:
        jobs: All of them, by number.
    """

    jobs: list[Job]

    @property
    def finished(self) -> list[Job]:
        """The finished jobs; of those with the same seed, which are the same run twice, the first."""
        by_seed: dict[str | None, Job] = {}
        for job in self.jobs:
            if job.status == FINISHED:
                by_seed.setdefault(job.settings.get(SEED), job)
        return list(by_seed.values())

    @property
    def settings(self) -> dict[str, str]:
        """The settings that the jobs have in common."""
        return dict(self.jobs[0].settings_without_seed)

    def spread(self, figure: str) -> Spread | None:
        """Returns the mean and the spread of a figure over the finished jobs; None if none has measured it."""
        values = [value for job in self.finished if (value := job.figures.get(figure)) is not None]
        if not values:
            return None
        return Spread(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)


def group_by_seed(jobs: Sequence[Job]) -> list[SeedGroup]:
    """Returns the groups of jobs that differ only in their seed, lowest mean validation perplexity first."""
    groups: dict[tuple[tuple[str, str], ...], list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.number):
        groups.setdefault(job.settings_without_seed, []).append(job)
    return sorted(map(SeedGroup, groups.values()), key=_order)


def repeats_seeds(jobs: Sequence[Job]) -> bool:
    """Returns whether there are jobs that differ in their seed and in nothing else."""
    return any(len({job.settings.get(SEED) for job in group.jobs}) > 1 for group in group_by_seed(jobs))


def _order(group: SeedGroup) -> tuple[float, int]:
    perplexity, first = group.spread(VALIDATION), group.jobs[0].number
    return (math.inf if perplexity is None or math.isnan(perplexity.mean) else perplexity.mean), first

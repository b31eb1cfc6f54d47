"""Repeats a run with several seeds, to measure how much its figures vary by chance; without Hydra."""

import json
import logging
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger

from halo.config import SPLITS, TrainConfig
from halo.runs.fit import fit
from halo.runs.result import FitResult
from halo.runtime.atomic_files import atomic_write

log = logging.getLogger(__name__)


class TrainerParts(NamedTuple):
    """Holds the callbacks and loggers of one run.

    Attributes:
        callbacks: Lightning callbacks, as for `fit`.
        loggers: Lightning loggers, as for `fit`.
    """

    callbacks: Sequence[Callback]
    loggers: Sequence[Logger]


@dataclass(frozen=True)
class Spread:
    """Holds the spread of a figure over several runs.

    Attributes:
        mean: The mean.
        standard_deviation: The sample standard deviation (divided by n - 1).
        lowest: The minimum.
        highest: The maximum.
    """

    mean: float
    standard_deviation: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        """Computes the spread of at least two figures.

        >>> Spread.of([1.0, 2.0, 6.0])
        Spread(mean=3.0, standard_deviation=2.6457513110645907, lowest=1.0, highest=6.0)
        """
        return cls(statistics.fmean(figures), statistics.stdev(figures), min(figures), max(figures))


@dataclass(frozen=True)
class SeedsResult:
    """Holds the results of a run with several seeds.

    Attributes:
        run_dir: The folder that contains the run folders.
        results: The result of each seed, in order.
    """

    run_dir: Path
    results: dict[int, FitResult]

    def spread(self, split: str) -> Spread:
        """Returns the spread of the perplexity of a split."""
        return Spread.of([result.scores[split].perplexity for result in self.results.values()])

    def metrics(self) -> dict[str, Any]:
        """Returns the figures as plain data; `SPLIT_perplexity` is the mean over the seeds."""
        first = next(iter(self.results.values()))
        return {
            **{f"{name}_perplexity": self.spread(name).mean for name in SPLITS},
            "spread": {name: asdict(self.spread(name)) for name in SPLITS},
            "seeds": {
                str(seed): {f"{name}_perplexity": result.scores[name].perplexity for name in SPLITS}
                for seed, result in self.results.items()
            },
            "num_parameters": first.num_parameters,
            "minutes": sum(result.minutes for result in self.results.values()),
        }


def fit_seeds(
    configs: Sequence[TrainConfig], run_dir: Path, *, make_parts: Callable[[TrainConfig], TrainerParts]
) -> SeedsResult | None:
    """Trains, measures and saves a model for each configuration in turn, and returns the results.

    Returns None on ranks other than 0.

    Args:
        configs: At least two configurations that differ in seed and run folder.
        run_dir: The folder for the metrics.json of all runs.
        make_parts: Creates new callbacks and loggers for a run.

    Raises:
        InputError: As in `fit`.
        TrainingError: As in `fit`, for the first seed that fails; the runs before it are complete.
    """
    results: dict[int, FitResult] = {}
    for number, config in enumerate(configs, start=1):
        log.info("Seed %d, run %d of %d: %s", config.seed, number, len(configs), config.run_dir)
        callbacks, loggers = make_parts(config)
        result = fit(config, callbacks=callbacks, loggers=loggers)
        if result is not None:
            results[config.seed] = result
    if not results:
        return None
    together = SeedsResult(run_dir, results)
    atomic_write(run_dir / "metrics.json", json.dumps(together.metrics(), indent=2))
    return together

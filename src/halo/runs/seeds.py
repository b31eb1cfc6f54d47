"""Repeats a run with several seeds, to measure how much its figures vary by chance; without Hydra."""

import json
import logging
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from halo.config import SPLITS, TrainConfig
from halo.runs.build import open_text
from halo.runs.fit import find_start, fit
from halo.runs.parallel_seeds import fit_in_processes
from halo.runs.result import FitResult
from halo.runs.run_folder import run_folder
from halo.runs.seed_worker import TrainerParts
from halo.runtime.atomic_files import atomic_write
from halo.runtime.process_pool import num_cores
from halo.runtime.threads import Cores, users_variable
from halo.training.trainer import build_trainer

log = logging.getLogger(__name__)


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
    configs: Sequence[TrainConfig],
    run_dir: Path,
    *,
    make_parts: Callable[[TrainConfig], TrainerParts],
    cores: Cores | None = None,
) -> SeedsResult | None:
    """Trains, measures and saves a model for each configuration, and returns the results.

    On a CPU the runs have one thread each, unless the user has set a number, and as many as there are free cores go
    side by side, in processes of their own; elsewhere they go in turn. Returns None on ranks other than 0.

    Args:
        configs: At least two configurations that differ in seed and run folder.
        run_dir: The folder for the metrics.json of all runs.
        make_parts: Creates new callbacks and loggers for a run; has to be picklable.
        cores: How many cores are free; None for all that this process may use.

    Raises:
        InputError: As in `fit`.
        TrainingError: As in `fit`. In turn, the first run that fails ends all, and those before it are complete; side
            by side, the others are completed.
        Stopped: A signal ended all runs; each of those that had started has a resume checkpoint.
    """
    trainer = build_trainer(configs[0].trainer, run_folder(configs[0]), [], [])
    is_on_cpu = trainer.world_size == 1 and trainer.strategy.root_device.type == "cpu"
    if is_on_cpu and users_variable() is None:
        torch.set_num_threads(1)
    workers = _num_workers(len(configs), cores) if is_on_cpu else 1
    if workers > 1:
        for config in configs:
            find_start(config, trainer)
        open_text(configs[0])
        log.info("%d seeds, %d side by side; the whole messages of each are in seed_SEED.log", len(configs), workers)
        results = fit_in_processes(configs, run_dir, make_parts=make_parts, workers=workers)
    else:
        results = _fit_in_turn(configs, make_parts)
    if not results:
        return None
    together = SeedsResult(run_dir, results)
    atomic_write(run_dir / "metrics.json", json.dumps(together.metrics(), indent=2))
    return together


def _num_workers(num_seeds: int, cores: Cores | None) -> int:
    """Returns the number of processes for which there are free cores, and says so where some are not free."""
    usable = num_cores() if cores is None else cores.usable
    workers = max(1, min(num_seeds, usable // torch.get_num_threads()))
    if cores is not None and cores.is_busy and workers < num_seeds:
        log.info("The machine is busy: %s; %d seed%s at a time", cores, workers, "s" * (workers > 1))
    return workers


def _fit_in_turn(
    configs: Sequence[TrainConfig], make_parts: Callable[[TrainConfig], TrainerParts]
) -> dict[int, FitResult]:
    results: dict[int, FitResult] = {}
    for number, config in enumerate(configs, start=1):
        log.info("Seed %d, run %d of %d: %s", config.seed, number, len(configs), config.run_dir)
        callbacks, loggers = make_parts(config)
        result = fit(config, callbacks=callbacks, loggers=loggers)
        if result is not None:
            results[config.seed] = result
    return results

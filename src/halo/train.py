"""`python -m halo.train`: trains a language model, measures it on held-out text, and saves it."""

import logging
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from halo.command import command, output_dir
from halo.config import TrainConfig, parse

if TYPE_CHECKING:
    from halo.training.seeds import Parts

log = logging.getLogger(__name__)


@command("train")
def main(composed: DictConfig) -> float | None:
    """Runs the training; returns validation perplexity, for sweepers that look for the lowest, where there is one."""
    if composed.run_dir is None:
        composed.run_dir = str(output_dir())
    config = parse(composed, TrainConfig)
    if config.find_lr:
        _find_learning_rate(config)
        return None
    return _run(config) if config.seeds == 1 else _run_seeds(composed, config)


def _run(config: TrainConfig) -> float | None:
    from halo.reporting import breakdown_table, next_commands, quality_table, result_table, show_samples
    from halo.training.run import fit

    callbacks, loggers = _parts(config)
    result = fit(config, callbacks=callbacks, loggers=loggers)
    if result is None:
        return None
    metrics = result.metrics()
    log.info("What it writes:\n\n%s", show_samples(result.samples))
    log.info("\n%s", quality_table(metrics["quality"]))
    log.info("\n%s", breakdown_table("validation", metrics["quality"]["validation"]))
    log.info("\n%s\nVerdict: %s\n%s", result_table(metrics), result.verdict, next_commands(result.run_dir))
    return result.scores["validation"].perplexity


def _find_learning_rate(config: TrainConfig) -> None:
    from halo.reporting import from_here
    from halo.training.learning_rate_finder import find_learning_rate

    result = find_learning_rate(config)
    if result is None:
        return
    picture = from_here(Path(str(config.run_dir)) / "lr_finder.png")
    if result.suggestion is None:
        log.warning("No suggestion: the loss fell at no learning rate; see %s", picture)
        return
    suggested = f"optim.lr={result.suggestion:g}"
    settings = [each for each in HydraConfig.get().overrides.task if not each.startswith(("find_lr=", "optim.lr="))]
    again = shlex.join(["python", "-m", "halo.train", *settings, suggested])
    seen = f"the loss fell fastest at {result.steepest:.2g}, and the test ended at {result.learning_rates[-1]:.4g}"
    log.info("Suggested: %s (%s; see %s)\n  %s", suggested, seen, picture, again)


def _run_seeds(composed: DictConfig, config: TrainConfig) -> float | None:
    from halo.reporting import from_here, seeds_table
    from halo.training.seeds import fit_seeds

    run_dir = Path(str(config.run_dir))
    seeds = range(config.seed, config.seed + config.seeds)
    # Composed anew: callbacks and loggers write below the run's own folder.
    configs = [parse(_of_seed(composed, seed, run_dir / f"seed_{seed}"), TrainConfig) for seed in seeds]
    result = fit_seeds(configs, run_dir, make_parts=_parts)
    if result is None:
        return None
    log.info("\n%s\nRun folders: %s/seed_...", seeds_table(result.metrics()), from_here(run_dir))
    return result.spread("validation").mean


def _of_seed(composed: DictConfig, seed: int, run_dir: Path) -> DictConfig:
    merged = OmegaConf.merge(composed, {"seed": seed, "seeds": 1, "run_dir": str(run_dir)})
    assert isinstance(merged, DictConfig)
    return merged


def _parts(config: TrainConfig) -> "Parts":
    from hydra.utils import instantiate

    from halo.training.seeds import Parts

    callbacks = [instantiate(node) for node in config.callbacks.values()]
    return Parts(callbacks, [instantiate(node) for node in config.logger.values()])


if __name__ == "__main__":
    main()

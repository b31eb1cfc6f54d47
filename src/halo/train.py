"""`python -m halo.train`: trains a language model, measures it on held-out text, and saves it."""

import logging

from omegaconf import DictConfig

from halo.command import command, output_dir
from halo.config import TrainConfig, parse

log = logging.getLogger(__name__)


@command("train")
def main(composed: DictConfig) -> float | None:
    """Runs the training; returns validation perplexity, for sweepers that look for the lowest."""
    if composed.run_dir is None:
        composed.run_dir = str(output_dir())
    config = parse(composed, TrainConfig)

    from hydra.utils import instantiate

    from halo.reporting import breakdown_table, next_commands, quality_table, result_table, show_samples
    from halo.training.run import fit

    result = fit(
        config,
        callbacks=[instantiate(node) for node in config.callbacks.values()],
        loggers=[instantiate(node) for node in config.logger.values()],
    )
    if result is None:
        return None
    log.info("What it writes:\n\n%s", show_samples(result.samples))
    metrics = result.metrics()
    log.info(
        "\n%s\n\n%s", quality_table(metrics["quality"]), breakdown_table("validation", metrics["quality"]["validation"])
    )
    log.info("\n%s\nVerdict: %s\n%s", result_table(metrics), result.verdict, next_commands(result.run_dir))
    return result.scores["validation"].perplexity


if __name__ == "__main__":
    main()

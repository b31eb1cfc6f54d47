"""Measure a genome in bits per base, and score its variants."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import GenomeCommandConfig, parse
from halo.runtime.atomic_files import json_text
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("genome")
def main(composed: "DictConfig") -> None:
    """Prints bits per base beside Markov models, or writes scores along a sequence or effects of variants."""
    config = parse(composed, GenomeCommandConfig)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.genomics.command.genome_task import run_task
    from halo.runtime.allocator import keep_freed_memory

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    report = run_task(opened, config)
    log.info(report.text)
    (output_dir() / "metrics.json").write_text(json_text(report.metrics), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Measure how well a trained model predicts a text."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import EvaluateConfig, parse
from halo.runtime.atomic_files import json_text
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("evaluate")
def main(composed: "DictConfig") -> None:
    """Prints perplexities, or the surprisal of each word of a text, and writes the figures to metrics.json."""
    config = parse(composed, EvaluateConfig)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.evaluation.adaptation_report import report_adaptation
    from halo.evaluation.evaluation_report import report_path, report_splits, report_surprisal, training_corpus
    from halo.runtime.allocator import keep_freed_memory

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    if config.text is not None:
        report = report_surprisal(opened, config.text)
    elif config.path is not None:
        report = report_path(opened, config.path, config.data.applied_to(opened.config.data))
    elif config.cache or config.dynamic or config.ngram:
        methods = {"cache": config.cache, "dynamic": config.dynamic, "ngram": config.ngram}
        report = report_adaptation(opened, training_corpus(opened, cache_dir=config.cache_dir), **methods)
    else:
        report = report_splits(opened, training_corpus(opened, cache_dir=config.cache_dir), config.split)
    log.info(report.text)
    (output_dir() / "metrics.json").write_text(json_text(report.metrics), encoding="utf-8")


if __name__ == "__main__":
    main()

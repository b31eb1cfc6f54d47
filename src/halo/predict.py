"""Print the class of each of your texts."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.cli.standard_streams import write_output
from halo.config import PredictConfig, parse
from halo.runtime.atomic_files import json_text
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig


@command("predict")
def main(composed: "DictConfig") -> None:
    """Writes a row for each text, and a summary to metrics.json."""
    config = parse(composed, PredictConfig)
    limit_threads(measure_cores())

    from halo.classification.prediction.opening import open_classifier
    from halo.classification.prediction.predict_files import predict_files
    from halo.runtime.allocator import keep_freed_memory

    keep_freed_memory()
    classifier = open_classifier(
        Path(str(config.run or config.bundle)), device=config.device, model_class=config.model_class
    )
    summary = predict_files(classifier, config, print_text=write_output, is_terminal=sys.stdout.isatty())
    (output_dir() / "metrics.json").write_text(json_text(summary), encoding="utf-8")


if __name__ == "__main__":
    main()

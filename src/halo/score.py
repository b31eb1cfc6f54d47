"""Print the surprisal of each word of your texts."""

import logging
import sys
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.cli.standard_streams import write_output
from halo.config import ScoreConfig, parse
from halo.runtime.atomic_files import json_text
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("score")
def main(composed: "DictConfig") -> None:
    """Writes a row for each word, region or text, and a summary to metrics.json."""
    config = parse(composed, ScoreConfig)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.runtime.allocator import keep_freed_memory
    from halo.scoring.files.score_files import score_files

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    is_terminal = sys.stdout.isatty()
    summary = score_files(opened, config, print_text=write_output, is_terminal=is_terminal)
    (output_dir() / "metrics.json").write_text(json_text(summary), encoding="utf-8")


if __name__ == "__main__":
    main()

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

    from halo.runtime.allocator import keep_freed_memory
    from halo.scoring.comparison.open_models import open_models
    from halo.scoring.comparison.text_comparison import compare_texts
    from halo.scoring.files.score_files import score_files
    from halo.scoring.pairs.pair_task import judge_pairs
    from halo.scoring.reading_times.word_task import score_word_table

    keep_freed_memory()
    models = open_models(config)
    name, opened = next(iter(models.items()))
    if config.pairs is not None:
        summary = judge_pairs(models, config, print_text=write_output)
    elif config.models is not None:
        summary = compare_texts(models, config, print_text=write_output)
    elif config.group_field is not None:
        summary = score_word_table(opened, config, name=name, print_text=write_output)
    else:
        summary = score_files(opened, config, print_text=write_output, is_terminal=sys.stdout.isatty())
    (output_dir() / "metrics.json").write_text(json_text(summary), encoding="utf-8")


if __name__ == "__main__":
    main()

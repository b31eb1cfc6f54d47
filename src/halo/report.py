"""Write a page about a trained model, with figures, curves and words."""

import logging
import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import ReportConfig, parse
from halo.runtime.errors import require
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("report")
def main(composed: "DictConfig") -> None:
    """Writes report.html and says where."""
    config = parse(composed, ReportConfig)
    is_folder = config.output is not None and os.path.isdir(config.output)  # noqa: PTH112  the name may be too long
    require(not is_folder, "output", config.output, "is a folder; name a file in it, such as report.html")
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.reports.console import relative_to_cwd
    from halo.reports.run_page.page import FILE_NAME, write_page
    from halo.reports.run_page.reported_run import reported_run
    from halo.runtime.allocator import keep_freed_memory

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    run = reported_run(opened, cache_dir=config.cache_dir)
    folder = output_dir() if opened.is_bundle else opened.folder
    file = folder / FILE_NAME if config.output is None else Path(config.output)
    if run.without_corpus:
        log.warning("The text is not at hand, so parts of the page are left out: %s", run.without_corpus)
    write_page(run, file)
    log.info("Report: %s", relative_to_cwd(file))


if __name__ == "__main__":
    main()

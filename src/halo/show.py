"""Show one batch from text to loss, step by step, for a class."""

import logging
import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import given_settings
from halo.config import ShowConfig, parse
from halo.runtime.errors import require
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("show")
def main(composed: "DictConfig") -> None:
    """Prints every step from text to loss, and writes it to a page on request."""
    config = parse(composed, ShowConfig)
    is_folder = config.output is not None and os.path.isdir(config.output)  # noqa: PTH112  the name may be too long
    require(not is_folder, "output", config.output, "is a folder; name a file in it, such as lesson.html")
    limit_threads(measure_cores())

    from halo.reports.console import relative_to_cwd
    from halo.runtime.allocator import keep_freed_memory
    from halo.showing.material import open_material
    from halo.showing.page.page import write_page
    from halo.showing.terminal import lesson_text
    from halo.showing.walkthrough import make_lesson

    keep_freed_memory()
    material = open_material(config, given=given_settings())
    lesson = make_lesson(material, layer=config.layer, head=config.head, seed=config.seed)
    log.info(lesson_text(lesson))
    if config.output is not None:
        file = Path(config.output)
        write_page(lesson, file)
        log.info("Page: %s", relative_to_cwd(file))


if __name__ == "__main__":
    main()

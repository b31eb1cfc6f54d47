"""Compare runs: which is best, by how much, and could it be chance."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.cli.standard_streams import write_output
from halo.config import CompareConfig, parse
from halo.runtime.errors import InputError
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omegaconf import DictConfig

    from halo.comparing.comparison import ComparedRun
    from halo.evaluation.document_scores import DocumentScores

log = logging.getLogger(__name__)

PAGE = "comparison.html"


@command("compare")
def main(composed: "DictConfig") -> None:
    """Prints the comparison or writes it to a file, and writes all of it to comparison.json."""
    config = parse(composed, CompareConfig)

    from halo.comparing.compare import compare_runs
    from halo.comparing.output.files import render, require_writable, write_file
    from halo.reports.console import relative_to_cwd
    from halo.runtime.atomic_files import atomic_write

    kind = config.written_format
    if config.output is not None:
        require_writable(config.output, kind)

    def score_runs(runs: "Sequence[ComparedRun]") -> "Mapping[str, dict[str, DocumentScores] | str]":
        from halo.comparing.missing_scores import missing_scores  # imports torch, which most comparisons do without

        limit_threads(measure_cores())
        return missing_scores(cache_dir=config.cache_dir, device=config.device)(runs)

    paths = list(config.runs or [])
    found = compare_runs(paths, split=config.split, reference=config.reference, score_runs=score_runs)
    if len(found.runs) < 2:
        raise InputError(f"{'; '.join([f'only one run: {found.runs[0].folder}', *found.notes])}; give at least two")
    if config.wants_page:
        from halo.comparing.page import write_page

        file = Path(config.page_file or _page_folder(paths) / PAGE)
        write_page(found, file)
        log.info("Page: %s", relative_to_cwd(file))
    if config.output is None:
        write_output(render(found, kind))
    else:
        write_file(found, config.output, kind)
        log.info("Comparison: %s", config.output)
    atomic_write(output_dir() / "comparison.json", render(found, "json"))


def _page_folder(paths: "Sequence[str]") -> Path:
    """Returns the folder that was given if it is the only one, such as that of a sweep; else the command's own."""
    return Path(paths[0]) if len(paths) == 1 and Path(paths[0]).is_dir() else output_dir()


if __name__ == "__main__":
    main()

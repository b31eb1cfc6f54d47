"""A training run -> report.html: one file that needs no network, no script and no other file."""

import logging
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

from halo.reports.data_report import page as data_report
from halo.reports.run_page.material import Material
from halo.reports.run_page.reported_run import ReportedRun
from halo.reports.run_page.sections import sections_of
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, reason

FILE_NAME = "report.html"
FOLDER = Path(__file__).parent

log = logging.getLogger(__name__)


def write_page(run: ReportedRun, file: Path) -> None:
    """Writes the page about a run.

    Raises:
        InputError: The file cannot be written.
    """
    try:
        atomic_write(file, render(run))
    except OSError as error:
        raise InputError(f"{file}: the report cannot be written ({reason(error)}); name another file") from error


def try_to_write_page(finished_run: Callable[[], ReportedRun], folder: Path) -> None:
    """Writes report.html at the end of a run; whatever fails is one warning, for the run itself is complete.

    Args:
        finished_run: Returns the run.
        folder: Its folder.
    """
    try:
        write_page(finished_run(), folder / FILE_NAME)
    except Exception as error:
        problem = f"{type(error).__name__}: {reason(error)}"
        log.warning("No report.html (%s); the run is complete, `python -m halo.report` tries again", problem)


def render(run: ReportedRun) -> str:
    """Returns the page; the same run always gives the same page."""
    environment = data_report.environment(FOLDER / "templates")
    material = Material(run)
    sections = []
    for name, section in sections_of(run).items():
        context = section.context(material)
        template = "missing.html.jinja" if "missing" in context else f"{name}.html.jinja"
        body = Markup(environment.get_template(template).render(context))
        sections.append({"name": name, "title": section.title, "body": body})
    rules = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))
    return environment.get_template("run.html.jinja").render(
        source=run.config.data.source,
        folder=run.folder.resolve().name,
        is_bundle=run.settings is None,
        has_text=run.corpus is not None,
        is_private=run.is_private,
        style_sheet=data_report.style_sheet() + rules,
        sections=sections,
    )

"""A measured classifier -> classification.html: one file that needs no network, no script and no other file."""

import logging
from pathlib import Path

from markupsafe import Markup

from halo.classification.page.material import Material
from halo.classification.page.sections import SECTIONS
from halo.reports.data_report.page import environment, style_sheet
from halo.reports.run_page.page import FOLDER as RUN_PAGE
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import reason

FILE_NAME = "classification.html"
FOLDER = Path(__file__).parent

log = logging.getLogger(__name__)


def try_to_write_page(material: Material, folder: Path) -> bool:
    """Writes classification.html and returns whether it could; a failure is one warning, for the run is complete.

    Args:
        material: The measured classifier.
        folder: The run folder.
    """
    try:
        atomic_write(folder / FILE_NAME, render(material))
    except Exception as error:
        log.warning("No %s (%s: %s); the run is complete", FILE_NAME, type(error).__name__, reason(error))
        return False
    return True


def render(material: Material) -> str:
    """Returns the page; the same measurement always gives the same page."""
    templates = environment(FOLDER / "templates")
    sections = []
    for name, section in SECTIONS.items():
        context = section.context(material)
        if context is not None:
            body = Markup(templates.get_template(f"{name}.html.jinja").render(context))
            sections.append({"name": name, "title": section.title, "body": body})
    rules = "".join((each / "style.css").read_text(encoding="utf-8") for each in (RUN_PAGE, FOLDER))
    return templates.get_template("classification.html.jinja").render(
        folder=material.folder,
        source=material.source,
        has_text=bool(material.examples),
        style_sheet=style_sheet() + Markup(rules),
        sections=sections,
    )

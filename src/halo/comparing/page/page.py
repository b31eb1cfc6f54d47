"""A comparison -> comparison.html: one file that needs no network and no other file."""

import base64
import hashlib
from pathlib import Path

from markupsafe import Markup

from halo.comparing.comparison import Comparison
from halo.comparing.page.material import Material
from halo.comparing.page.sections import SECTIONS
from halo.reports.data_report.page import environment, style_sheet
from halo.reports.run_page.page import FOLDER as RUN_PAGE
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, packages_of_extra, reason, require

FILE_NAME = "comparison.html"
FOLDER = Path(__file__).parent
GENERATOR = "Semblance Halo: comparison of runs"
"""What the head of the page says it is, by which an earlier page is known."""
HEAD_BYTES = 1024


def write_page(comparison: Comparison, file: Path) -> None:
    """Writes the page about a comparison; the folder of the file is created, and an earlier page is replaced.

    Raises:
        InputError: Plotly is not installed, the file is something else than such a page, or it cannot be written.
    """
    _require_replaceable(file)
    text = render(comparison, file.parent)
    try:
        atomic_write(file, text)
    except OSError as error:
        raise InputError(f"{file}: the page cannot be written ({reason(error)}); name another file") from error


def _require_replaceable(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
    except OSError:  # there is none, or writing it fails with the reason
        return
    require(GENERATOR.encode() in head or not head, "page", file, "not a page of halo.compare; name another file")


def render(comparison: Comparison, folder: Path) -> str:
    """Returns the page; the same comparison always gives the same page.

    Args:
        comparison: The comparison.
        folder: The folder of the page, from which links lead to the reports of the runs.

    Raises:
        InputError: Plotly is not installed.
    """
    with packages_of_extra("compare", purpose="the page of a comparison"):
        from plotly.offline import get_plotlyjs
    # The browser ends lines with a line feed before it computes the hash of a script.
    library = get_plotlyjs().replace("\r\n", "\n").replace("\r", "\n")
    script = (FOLDER / "charts.js").read_text(encoding="utf-8")
    templates = environment(FOLDER / "templates", RUN_PAGE / "templates")
    material = Material(comparison, folder)
    sections = []
    for name, section in SECTIONS.items():
        context = section.context(material)
        if context is None:
            continue
        template = "missing.html.jinja" if "missing" in context else f"{name}.html.jinja"
        body = Markup(templates.get_template(template).render(context))
        sections.append({"name": name, "title": section.title, "body": body})
    rules = [(each / "style.css").read_text(encoding="utf-8") for each in (RUN_PAGE, FOLDER)]
    return templates.get_template("comparison.html.jinja").render(
        num_runs=len(comparison.runs),
        generator=GENERATOR,
        style_sheet=style_sheet() + Markup("".join(rules)),
        sections=sections,
        permitted=Markup(" ".join(f"'{hash_of(each)}'" for each in (library, script))),
        library=Markup(library),
        script=Markup(script),
    )


def hash_of(script: str) -> str:
    """Returns the hash by which a content security policy permits a script.

    >>> hash_of("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

"""A prepared corpus -> data_report.html: one file that needs no network, no script and no other file."""

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from halo.corpus.corpus import Corpus
from halo.reports.data_report.canvas import PALETTE
from halo.reports.data_report.figures import draw_figures
from halo.reports.data_report.markup import prose, quoted, visible, visible_text
from halo.reports.data_report.sections import sections_of
from halo.reports.data_report.svg import inline_svg
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError

FILE_NAME = "data_report.html"
TEMPLATES = Path(__file__).parent / "templates"


def write_report(corpus: Corpus, folder: Path) -> Path:
    """Writes data_report.html into `folder` and returns its path.

    Raises:
        InputError: The file cannot be written.
    """
    file = folder / FILE_NAME
    try:
        atomic_write(file, render(corpus))
    except OSError as error:
        raise InputError(f"{file}: the report cannot be written ({error.strerror})") from error
    return file


def render(corpus: Corpus) -> str:
    """Returns the page; the same corpus always gives the same page."""
    figures = draw_figures(corpus)
    drawings = {
        name: inline_svg(figure, name, figure.axes[0].get_title(loc="left")) for name, figure in figures.items()
    }
    template = environment().get_template("page.html.jinja")
    return template.render(
        source=corpus.manifest["source"],
        cache_key=corpus.folder.name,
        style_sheet=style_sheet(),
        sections=[
            {"name": name, "title": section.title, "body": render_section(name, corpus, drawings)}
            for name, section in sections_of(corpus).items()
        ],
    )


def render_section(name: str, corpus: Corpus, drawings: dict[str, Markup]) -> Markup:
    """Returns the body of a section.

    Args:
        name: A key of `sections_of(corpus)`; `templates/NAME.html.jinja` is its template.
        corpus: The corpus.
        drawings: The figures of the report by name.
    """
    template = environment().get_template(f"{name}.html.jinja")
    return Markup(template.render(sections_of(corpus)[name].context(corpus), drawings=drawings))


@functools.cache
def environment(*folders: Path) -> Environment:
    """Returns the Jinja environment of the report, or of another page with its macros.

    Every string that is not markup is escaped with `visible` on its way into the page, so no template can forget it; a
    name that a section does not define is an error.

    Args:
        folders: Folders with templates of another page, which take precedence.
    """
    created = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    created.filters |= {
        "percent": lambda share, digits=0: f"{share:.{digits}%}",
        "prose": prose,
        "quoted": lambda text, limit=None: quoted(text) if limit is None else quoted(text, limit=limit),
        "thousands": lambda number: f"{number:,}",
        "visible_text": visible_text,
    }
    return created


def style_sheet() -> Markup:
    """Returns the style sheet of the report: colours for light and for dark backgrounds, and rules."""
    light, dark = (
        "".join(f"--{name}: {colours[scheme]}; " for name, colours in PALETTE.items()).rstrip() for scheme in (0, 1)
    )
    rules = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    return Markup(f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{rules}")

"""A prepared text -> data_report.html: one file that needs no network, no script and no other file."""

from pathlib import Path

from halo.corpus.corpus import Corpus
from halo.reports.data_report.canvas import PALETTE
from halo.reports.data_report.elements import Html, escaped, joined, quoted, section
from halo.reports.data_report.figures import draw_figures
from halo.reports.data_report.sections import SECTIONS
from halo.reports.data_report.svg import inline_svg
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError

FILE_NAME = "data_report.html"


def write_report(corpus: Corpus, folder: Path) -> Path:
    """Writes data_report.html into `folder` and returns its path.

    Raises:
        InputError: It cannot be written.
    """
    file = folder / FILE_NAME
    try:
        atomic_write(file, render(corpus))
    except OSError as error:
        raise InputError(f"{file}: the report cannot be written ({error.strerror})") from error
    return file


def render(corpus: Corpus) -> str:
    """Returns the page; the same corpus gives the same page."""
    figures = draw_figures(corpus)
    drawings = {
        name: inline_svg(figure, name, figure.axes[0].get_title(loc="left")) for name, figure in figures.items()
    }
    sections = joined(*(section(name, each.title, each.draw(corpus, drawings)) for name, each in SECTIONS.items()))
    source = corpus.manifest["source"]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Data report: {escaped(source)}</title>
<style>
{_style_sheet()}</style>
</head>
<body>
<header>
<h1>Data report</h1>
<p>{quoted(source)}</p>
</header>
{_contents()}<main>
{sections}</main>
<footer><p>Written by Semblance Halo; the key of the prepared text is {escaped(corpus.folder.name)}.</p></footer>
</body>
</html>
"""


def _style_sheet() -> str:
    light, dark = (
        "".join(f"--{name}: {colours[ground]}; " for name, colours in PALETTE.items()).rstrip() for ground in (0, 1)
    )
    rules = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{rules}"


def _contents() -> Html:
    entries = "".join(f'<li><a href="#{name}">{escaped(each.title)}</a></li>\n' for name, each in SECTIONS.items())
    return Html(f'<nav aria-label="Contents"><ul>\n{entries}</ul></nav>\n')

"""Steps from text to loss -> one HTML file that needs no network, no script and no other file."""

from pathlib import Path

from markupsafe import Markup

from halo.reports.data_report.page import environment, style_sheet
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, reason
from halo.showing.lesson import Lesson, Strip

FOLDER = Path(__file__).parent


def write_page(lesson: Lesson, file: Path) -> None:
    """Writes the page about a batch.

    Raises:
        InputError: The file cannot be written.
    """
    try:
        atomic_write(file, render(lesson))
    except OSError as error:
        raise InputError(f"output={file}: the page cannot be written ({reason(error)}); name another file") from error


def render(lesson: Lesson) -> str:
    """Returns the page; the same steps always give the same page."""
    template = environment(FOLDER / "templates").get_template("lesson.html.jinja")
    rules = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))
    return template.render(lesson=lesson, style_sheet=style_sheet() + rules, strip=draw_strip)


def draw_strip(cell: object) -> Markup | None:
    """Returns a strip as coloured boxes, with its values as text for screen readers; None for any other cell.

    Values below the middle of a strip that has negative values are blue, those above it orange; a single value is a
    bar.

    >>> print(draw_strip(Strip((1.0,), 0, 2)))
    <span class="bar" role="img" aria-label="1.00"><i style="width:50%"></i></span>
    """
    if not isinstance(cell, Strip):
        return None
    label = " ".join(f"{value:.2f}" for value in cell.values)
    if len(cell.values) == 1:
        bar = f'<i style="width:{100 * cell.shares()[0]:.0f}%"></i>'
        return Markup(f'<span class="bar" role="img" aria-label="{label}">{bar}</span>')
    boxes = []
    for share in cell.shares():
        strength, kind = (abs(2 * share - 1), "low" if share < 0.5 else "high") if cell.low < 0 else (share, "high")
        boxes.append(f'<i class="{kind}" style="--strength:{100 * strength:.0f}%"></i>')
    return Markup(f'<span class="strip" role="img" aria-label="{label}">{"".join(boxes)}</span>')

"""matplotlib figures -> SVG that stands inside a page and takes its colours from the page."""

import html
import io
import re
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from halo.reports.data_report.canvas import PALETTE
from halo.reports.data_report.elements import Html

_BEFORE_SVG = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_STYLE_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>\s*", re.DOTALL)
_OPENING = re.compile(r"<svg[^>]*>")
_VIEW_BOX = re.compile(r'viewBox="[-0-9. ]+"')
# No text of the user can look like these: matplotlib writes < as &lt;.
_GROUP_ID = re.compile(r'<g id="[^"]*"')
_STYLE = re.compile(r'(?<=<)[^<>]* style="[^"]*"')


def inline_svg(figure: Figure, name: str, title: str) -> Html:
    """Returns a figure as an `<svg>` element, its ground left out and its colours as variables of the page.

    Letters stay letters, so that the page's own font writes them and they can be searched and read aloud.

    Args:
        figure: The figure.
        name: Another one for each figure of a page: parts refer to each other by ids that are made from it.
        title: For those who cannot see it.
    """
    canvas = io.StringIO()
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": name}
    nothing_about_the_file = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context(settings):
        figure.savefig(canvas, format="svg", transparent=True, metadata=nothing_about_the_file)
    text = canvas.getvalue()
    for pattern in (_BEFORE_SVG, _STYLE_SHEET):
        text = pattern.sub("", text)
    view_box = _VIEW_BOX.search(text)
    assert view_box is not None
    opening = f'<svg {view_box.group()} role="img" aria-label="{html.escape(title)}">'
    text = _OPENING.sub(lambda _: opening, text, count=1)
    text = _GROUP_ID.sub("<g", text).replace(" xlink:href=", " href=")
    return Html(_STYLE.sub(lambda match: _page_colours(match.group()), text))


def _page_colours(style: str) -> str:
    for name, (light, _) in PALETTE.items():
        style = style.replace(light, f"var(--{name})")
    return style

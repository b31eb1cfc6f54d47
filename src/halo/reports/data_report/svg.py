"""matplotlib figures -> inline SVG that takes its colours and font from the page."""

import html
import io
import re
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

from halo.reports.data_report.canvas import PALETTE

_PROLOGUE = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_STYLE_SHEET = re.compile(r"<defs>\s*<style.*?</style>\s*</defs>\s*", re.DOTALL)
_OPENING = re.compile(r"<svg[^>]*>")
_VIEW_BOX = re.compile(r'viewBox="[-0-9. ]+"')
# Text from outside cannot match these patterns, because matplotlib escapes < as &lt;.
_GROUP_ID = re.compile(r'<g id="[^"]*"')
_STYLE = re.compile(r'(?<=<)[^<>]* style="[^"]*"')


def inline_svg(figure: Figure, name: str, title: str) -> Markup:
    """Returns a figure as an `<svg>` element with a transparent background and the page's colour variables.

    Text is kept as text, so that it uses the page's font and can be searched and read aloud.

    Args:
        figure: The figure.
        name: Unique on the page; ids within the drawing are derived from it.
        title: For screen readers.
    """
    canvas = io.StringIO()
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": name}
    no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context(settings):
        figure.savefig(canvas, format="svg", transparent=True, metadata=no_metadata)
    text = canvas.getvalue()
    for pattern in (_PROLOGUE, _STYLE_SHEET):
        text = pattern.sub("", text)
    view_box = _VIEW_BOX.search(text)
    assert view_box is not None
    opening = f'<svg {view_box.group()} role="img" aria-label="{html.escape(title)}">'
    text = _OPENING.sub(lambda _: opening, text, count=1)
    text = _GROUP_ID.sub("<g", text).replace(" xlink:href=", " href=")
    return Markup(_STYLE.sub(lambda match: _page_colours(match.group()), text))


def _page_colours(style: str) -> str:
    for name, (light, _) in PALETTE.items():
        style = style.replace(light, f"var(--{name})")
    return style

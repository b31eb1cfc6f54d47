"""README.md of an exported folder, from templates beside this file."""

from pathlib import Path
from typing import Any

from halo.reports.cards import markdown


def readme(about: dict[str, Any]) -> str:
    """Returns the text that explains an exported folder: its files, inputs and outputs, and how a text becomes ids.

    Args:
        about: What config.json says.
    """
    return render("readme.md.jinja", about=about)


def render(template: str, **values: Any) -> str:
    """Returns the text of a template beside this file.

    Args:
        template: The name of its file.
        values: What it refers to.
    """
    return markdown.render(template, folder=Path(__file__).parent, **values)

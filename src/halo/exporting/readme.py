"""README.md of an exported folder, from templates beside this file."""

from pathlib import Path
from typing import Any


def readme(about: dict[str, Any]) -> str:
    """Returns the text that explains an exported folder: its files, inputs and outputs, and how a text becomes ids.

    Args:
        about: What config.json says.
    """
    return render("readme.md.jinja", about=about)


def render(template: str, **values: Any) -> str:
    """Returns the text of a template.

    Args:
        template: The name of its file.
        values: What it refers to.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # Markdown
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(values)

"""The commands of the program, found as the modules at the top of the package, without importing any of them."""

import ast
import textwrap
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

USAGE = """\
Usage: halo COMMAND [SETTING=VALUE ...]     the same as python -m halo.COMMAND

Commands:
{commands}

`halo COMMAND --help` explains a command and its settings.\
"""


@cache
def commands() -> dict[str, str]:
    """Returns the name of each command with the first line of its module's docstring.

    >>> commands()["generate"]
    'Generate text from a trained model and a prompt.'
    """
    files = sorted(file for file in PACKAGE.glob("*.py") if not file.stem.startswith("_"))
    docstrings = {file.stem: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) for file in files}
    return {name: (docstring or "").partition("\n")[0] for name, docstring in docstrings.items()}


def command_list() -> str:
    """Returns the usage message of `halo`, with one line for each command."""
    width = max(map(len, commands()))
    lines = [f"{name:<{width}}  {description}" for name, description in commands().items()]
    return USAGE.format(commands=textwrap.indent("\n".join(lines), "  "))

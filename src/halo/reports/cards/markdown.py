"""Markdown for cards: metadata, tables, and text from outside that must not become markup."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from halo.runtime.errors import printable

_SIGNIFICANT = re.compile(r"([\\`*_\[\]<>|~#])")


def front_matter(metadata: Mapping[str, Any]) -> str:
    """Returns metadata as YAML between two lines of hyphens, as hubs read it at the top of a card; None is left out.

    >>> print(front_matter({"language": "no", "license": None}), end="")
    ---
    language: 'no'
    ---
    """
    known = {key: value for key, value in metadata.items() if value is not None}
    return f"---\n{yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=10**6)}---\n"


def without_front_matter(card: str) -> str:
    r"""Returns the Markdown of a card without its metadata.

    >>> without_front_matter("---\nlicense: mit\n---\n\n# A model\n")
    '# A model\n'
    """
    return re.sub(r"\A---\n.*?^---\n\s*", "", card, count=1, flags=re.DOTALL | re.MULTILINE)


def plain_text(text: str) -> str:
    r"""Returns text from outside in one line, in which nothing is taken for Markdown or HTML.

    >>> print(plain_text("a|b\n<i>*c*</i>"))
    a\|b \<i\>\*c\*\</i\>
    """
    return _SIGNIFICANT.sub(r"\\\1", " ".join(printable(text.replace("\n", " ")).split()))


def code(text: str) -> str:
    """Returns text from outside as code in a line; backticks within it are kept.

    >>> print(code("a`b"))
    `` a`b ``
    """
    line = printable(text.replace("\n", " "))
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"`{line}`"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: Sequence[int] = (0,)) -> str:
    """Returns a table; cells are written as they are.

    Args:
        header: The names of the columns.
        rows: The cells, as Markdown.
        text_columns: Indices of the left-aligned columns; the others are right-aligned.

    >>> print(table(["split", "tokens"], [["test", "12"]]))
    | split | tokens |
    |---|--:|
    | test | 12 |
    """
    rule = "|".join("---" if position in text_columns else "--:" for position in range(len(header)))
    return "\n".join([f"| {' | '.join(header)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)])


def render(template: str, *, folder: Path = Path(__file__).parent, **values: Any) -> str:
    """Returns the Markdown of a template.

    Args:
        template: The name of its file.
        folder: Where it is; the templates of cards are beside this file.
        values: What it refers to.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # needed at the end of a run, not at its start

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # Markdown
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain_text": plain_text, "code": code, "thousands": lambda number: f"{number:,}"}
    text = environment.get_template(template).render(values)
    return re.sub(r"\n{3,}", "\n\n", text)

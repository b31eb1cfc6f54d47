"""The Python reference: a page for `import halo`, and one for each package, from the docstrings of the code."""

import ast
import re
from pathlib import Path
from typing import Any

import griffe

SOURCE = Path(__file__).parents[2] / "src" / "halo"
INTRODUCTION = """\
# Python reference

`import halo` gives the names below. [Using a model from Python](../api.md) shows them at work.
"""
PACKAGE = """\
---
search:
  exclude: true
---

# halo.{name}

[The public interface](index.md) is what programs use. This page is about the inside of the package `halo.{name}`.

::: halo.{name}
    options:
      show_root_heading: false
      show_submodules: true
"""
DOCTEST = re.compile(r"^( *)>>> .*(?:\n(?!\s*$).*)*", flags=re.MULTILINE)


def packages() -> dict[str, str]:
    """Returns the packages of `halo` with the first line of their docstrings."""
    found = {}
    for file in sorted(SOURCE.glob("*/__init__.py")):
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        found[file.parent.name] = docstring.split("\n\n")[0].replace("\n", " ")
    return found


def public_names() -> dict[str, str]:
    """Returns the public names of `halo`, each with the module that defines it."""
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    homes: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "halo.runtime.errors":
            homes |= {alias.name: node.module for alias in node.names}
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "_HOMES":
            homes |= ast.literal_eval(node.value)
    return dict(sorted(homes.items()))


def write_reference(folder: Path) -> None:
    """Writes the pages that mkdocstrings fills, into a new folder."""
    folder.mkdir()
    lines = [INTRODUCTION]
    lines += [
        f"::: {home}.{name}\n    options:\n      show_root_full_path: false\n" for name, home in public_names().items()
    ]
    lines += ["## The packages", "", "For whoever works on the package itself: all modules, classes and functions.", ""]
    for name, summary in packages().items():
        lines.append(f"- [`halo.{name}`](halo.{name}.md): {summary}")
        (folder / f"halo.{name}.md").write_text(PACKAGE.format(name=name), encoding="utf-8")
    (folder / "index.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def with_fenced_examples(docstring: str) -> str:
    r"""Returns a docstring whose doctests are blocks of code in Markdown.

    Example:
        >>> print(with_fenced_examples("Adds.\n\n>>> 1 + 1\n2\n\nMore."))
        Adds.
        <BLANKLINE>
        ```pycon
        >>> 1 + 1
        2
        ```
        <BLANKLINE>
        More.
    """
    return DOCTEST.sub(lambda block: f"{block[1]}```pycon\n{block[0]}\n{block[1]}```", docstring)


class FencedExamples(griffe.Extension):
    """Marks doctests as code while the docstrings are read; Markdown would take `>>>` for a quotation."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Changes the docstring of a module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = with_fenced_examples(obj.docstring.value)

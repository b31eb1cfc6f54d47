r"""Formulas as MathML, which browsers show without a script: `$x^2$` within a line, `$$...$$` for one of its own.

A Markdown extension. GitHub and notebooks show the same source with MathJax.

    >>> import markdown
    >>> text = markdown.markdown("a cost of $5, and `$x$`, and $x$", extensions=["docs.site.formulas"])
    >>> text.count("<math"), "a cost of $5" in text, "<code>$x$</code>" in text
    (1, True, True)
"""

import re
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

ONE_LINE = r"(?<![\\$\w])\$(?![\s$])((?:[^$\\\n]|\\.)+?)(?<!\s)\$(?![\w$])"
DISPLAYED = r"(?<!\\)\$\$\s*((?:[^$\\]|\\.)+?)\s*\$\$"
AFTER_CODE_BEFORE_ESCAPES = 185
"""Priority of the patterns: Python-Markdown reads code at 190 and backslashes at 180."""


class Formula(InlineProcessor):  # type: ignore[misc]
    """Turns LaTeX into a MathML element."""

    def __init__(self, pattern: str, display: str) -> None:
        super().__init__(pattern)
        self.compiled_re = re.compile(pattern, re.DOTALL)
        self.display = display

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # noqa: N802
        """Returns the element, and where its source begins and ends."""
        math = convert_to_element(m[1], display=self.display)
        math.set("aria-label", m[1])  # what a screen reader without MathML says
        for part in math.iter():
            if part.text:
                part.text = AtomicString(part.text)  # or Markdown reads `*` within it
        return math, m.start(0), m.end(0)


class Formulas(Extension):  # type: ignore[misc]
    """The extension."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Registers the patterns."""
        md.inlinePatterns.register(Formula(DISPLAYED, "block"), "displayed-formula", AFTER_CODE_BEFORE_ESCAPES + 1)
        md.inlinePatterns.register(Formula(ONE_LINE, "inline"), "formula", AFTER_CODE_BEFORE_ESCAPES)


def makeExtension(**settings: object) -> Formulas:  # noqa: N802
    """Returns the extension, under the name that Python-Markdown looks for."""
    return Formulas(**settings)

"""Patterns of the user's own: `data.cleaning.patterns`, each with a placeholder of its name.

The library `regex` runs them, since it can give up: a pattern such as (a+)+b takes longer than the universe on a line
of thirty letters, and a model's configuration may come from anybody.
"""

import functools
from typing import TYPE_CHECKING, Any

from halo.corpus.cleaning.personal.spans import Span
from halo.runtime.errors import InputError

if TYPE_CHECKING:
    import regex

MAX_SECONDS = 5.0
"""The time that one pattern may take on one paragraph."""


@functools.lru_cache(maxsize=64)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    import regex

    return regex.compile(pattern)


def find_own(text: str, name: str, pattern: str, *, internal: str) -> list[Span]:
    r"""Returns the matches of a pattern of the user's own, looked for in each paragraph of `text` by itself.

    Placeholders that other patterns have put in may be part of a match, but are none by themselves.

    Args:
        text: The text.
        name: Name of the pattern, for messages.
        pattern: The regular expression.
        internal: The characters that stand for placeholders and separate texts.

    Raises:
        InputError: The pattern takes too long.

    >>> find_own("on Ward 7b and ward 8", "ward", r"(?i)ward \d\w?", internal="")
    [(3, 10), (15, 21)]
    """
    found: list[Span] = []
    begin = 0
    for paragraph in text.split("\n\n"):
        try:
            matches: Any = _compiled(pattern).finditer(paragraph, timeout=MAX_SECONDS)
            found += [
                (begin + match.start(), begin + match.end())
                for match in matches
                if match.group().strip(f"{internal} \n")
            ]
        except TimeoutError as error:
            raise InputError(
                f"data.cleaning.patterns.{name}={pattern}: takes more than {MAX_SECONDS:g} s on a paragraph of "
                f"{len(paragraph):,} characters; avoid repetitions within repetitions, such as (a+)+"
            ) from error
        begin += len(paragraph) + 2
    return found

"""Excerpts of two similar texts around the first place where they differ."""

from itertools import takewhile

from halo.corpus.dedup.duplicates import Example

EXCERPT_CHARACTERS = 80
CONTEXT_CHARACTERS = 24


def differing_excerpts(dropped: str, kept: str) -> Example:
    """Returns excerpts of two texts, each in one line: from their first difference on, with some context before it.

    >>> differing_excerpts("It is cold today.", "It is warm today.")
    Example(dropped='It is cold today.', kept='It is warm today.')
    """
    one, other = " ".join(dropped.split()), " ".join(kept.split())
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    begin = max(common - CONTEXT_CHARACTERS, 0) if one != other else 0
    return Example(_excerpt(one, begin), _excerpt(other, begin))


def _excerpt(text: str, begin: int) -> str:
    end = begin + EXCERPT_CHARACTERS
    return f"{'…' if begin else ''}{text[begin:end]}{'…' if end < len(text) else ''}"

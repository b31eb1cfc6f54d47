"""A line before and after cleaning -> both lines with the differences marked up."""

import difflib
import re
from collections.abc import Sequence

from markupsafe import Markup

from halo.reports.data_report.markup import visible

MAX_CHARACTERS = 2000
CONTEXT_PIECES = 12
"""Words and spaces of an unchanged passage that are shown next to a change."""
_PIECE = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


def mark_changes(before: str, after: str) -> tuple[Markup, Markup]:
    """Returns a line before and after cleaning, with deletions marked in the first and insertions in the second.

    Long passages that did not change are left out.

    >>> print(mark_changes("2* days", "2 days")[0])
    <bdi dir="auto">2<del>*</del> days</bdi>
    """
    old, new = (_PIECE.findall(text[:MAX_CHARACTERS]) for text in (before, after))
    old_parts, new_parts = [], []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            is_first, is_last = old_start == 0, old_end == len(old) and len(before) <= MAX_CHARACTERS
            unchanged = _shortened(old[old_start:old_end], is_first=is_first, is_last=is_last)
            old_parts.append(unchanged)
            new_parts.append(unchanged)
        else:
            old_parts.append(_tagged("del", old[old_start:old_end]))
            new_parts.append(_tagged("ins", new[new_start:new_end]))
    return _line(old_parts), _line(new_parts)


def _shortened(pieces: Sequence[str], *, is_first: bool, is_last: bool) -> Markup:
    head = [] if is_first else pieces[:CONTEXT_PIECES]
    tail = [] if is_last else pieces[-CONTEXT_PIECES:]
    if len(head) + len(tail) + 4 >= len(pieces):
        return visible("".join(pieces))
    return visible(f"{''.join(head)} … {''.join(tail)}")


def _tagged(tag: str, pieces: Sequence[str]) -> Markup:
    return Markup(f"<{tag}>{visible(''.join(pieces))}</{tag}>" if pieces else "")


def _line(parts: Sequence[Markup]) -> Markup:
    return Markup(f'<bdi dir="auto">{Markup().join(parts)}</bdi>')

"""A line before and after cleaning -> both with what changed marked."""

import difflib
import re
from collections.abc import Sequence

from halo.reports.data_report.elements import Html, escaped

MAX_CHARACTERS = 2000
# An unchanged stretch keeps so many words and spaces beside a change.
CONTEXT = 12
_PIECE = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


def marked(before: str, after: str) -> tuple[Html, Html]:
    """Returns a line before and after, what went marked in the one and what came in the other.

    Long stretches that did not change are left out.

    >>> marked("2* days", "2 days")[0]
    '<bdi dir="auto">2<del>*</del> days</bdi>'
    """
    old, new = (_PIECE.findall(text[:MAX_CHARACTERS]) for text in (before, after))
    olds, news = [], []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            is_first, is_last = old_start == 0, old_end == len(old) and len(before) <= MAX_CHARACTERS
            kept = _shortened(old[old_start:old_end], is_first=is_first, is_last=is_last)
            olds.append(kept)
            news.append(kept)
        else:
            olds.append(_tagged("del", old[old_start:old_end]))
            news.append(_tagged("ins", new[new_start:new_end]))
    return _whole(olds), _whole(news)


def _shortened(pieces: Sequence[str], *, is_first: bool, is_last: bool) -> Html:
    head = [] if is_first else pieces[:CONTEXT]
    tail = [] if is_last else pieces[-CONTEXT:]
    if len(head) + len(tail) + 4 >= len(pieces):
        return escaped("".join(pieces))
    return escaped(f"{''.join(head)} … {''.join(tail)}")


def _tagged(tag: str, pieces: Sequence[str]) -> Html:
    return Html(f"<{tag}>{escaped(''.join(pieces))}</{tag}>" if pieces else "")


def _whole(parts: Sequence[Html]) -> Html:
    return Html(f'<bdi dir="auto">{"".join(parts)}</bdi>')

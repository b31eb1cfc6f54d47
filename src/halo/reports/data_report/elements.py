"""Parts of a page. What is not `Html` came from outside, and is escaped on its way in."""

import html
import re
from collections.abc import Iterable, Sequence

MAX_CHARACTERS = 600
# Characters that cannot be seen, or that turn the text around them, are shown by their numbers. Tab, line feed and the
# two joiners, which emoji and several scripts need, stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SETTING = re.compile(r"\bdata\.[a-z_]+(?:\.[a-z_]+)*(?:=\w+)?")


class Html(str):
    """Markup in which everything that came from outside is escaped."""

    __slots__ = ()


def escaped(text: str) -> Html:
    r"""Returns `text` as it is, markup and all, with a visible number for each character that cannot be seen.

    >>> escaped("<b>\u202e")
    '&lt;b&gt;<span class="unseen">U+202E</span>'
    """
    return Html(_UNSEEN.sub(lambda match: f'<span class="unseen">U+{ord(match.group()):04X}</span>', html.escape(text)))


def quoted(text: str, *, limit: int = MAX_CHARACTERS) -> Html:
    """Returns a piece of a user's text, which may run from right to left without turning what stands around it.

    Args:
        text: The piece.
        limit: What is longer is cut to so many characters, and the page says how many are missing.
    """
    more = f" … and {len(text) - limit:,} characters more" if len(text) > limit else ""
    return Html(f'<bdi dir="auto">{escaped(text[:limit])}</bdi>{more}')


def prose(text: str) -> Html:
    """Returns escaped text in which the names of settings stand out."""
    return Html(_SETTING.sub(lambda match: f"<code>{match.group()}</code>", escaped(text)))


def paragraph(text: str) -> Html:
    """Returns a paragraph; what is not `Html` is treated as `prose` does."""
    return Html(f"<p>{_prepared(text)}</p>\n")


def _prepared(text: str) -> Html:
    return text if isinstance(text, Html) else prose(text)


def joined(*parts: Html) -> Html:
    """Returns parts one after another."""
    return Html("".join(parts))


def section(identifier: str, title: str, body: Html) -> Html:
    """Returns a section with its heading."""
    heading = f'<h2 id="{identifier}-title">{escaped(title)}</h2>'
    return Html(f'<section id="{identifier}" aria-labelledby="{identifier}-title">\n{heading}\n{body}</section>\n')


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """Returns a table: the first column heads its row, the others are figures, on the right, unless they are `Html`."""
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in header)
    body = "".join(
        f'<tr><th scope="row">{_cell(first)}</th>{"".join(map(_data_cell, rest))}</tr>\n' for first, *rest in rows
    )
    return Html(
        f'<div class="scroll" role="region" aria-label="{html.escape(caption)}" tabindex="0"><table>\n'
        f"<caption>{escaped(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def _cell(text: str) -> Html:
    return text if isinstance(text, Html) else escaped(text)


def _data_cell(text: str) -> str:
    return f"<td>{text}</td>" if isinstance(text, Html) else f'<td class="figure">{escaped(text)}</td>'


def figure(drawing: Html, caption: str) -> Html:
    """Returns a drawing and how to read it."""
    return Html(f"<figure>\n{drawing}<figcaption>{_prepared(caption)}</figcaption>\n</figure>\n")


def details(summary: str, *parts: Html) -> Html:
    """Returns parts that are folded away until the summary is chosen."""
    return Html(f"<details><summary>{escaped(summary)}</summary>\n{joined(*parts)}</details>\n")


def items(entries: Iterable[Html], *, kind: str) -> Html:
    """Returns a list whose look the style sheet has under `kind`."""
    return Html(f'<ul class="{kind}">\n' + "".join(f"<li>{entry}</li>\n" for entry in entries) + "</ul>\n")

"""Text from outside the program -> markup: escaped, with invisible characters shown, in its own writing direction."""

import re

from markupsafe import Markup, escape

MAX_CHARACTERS = 600
# Characters that are invisible or change the direction of the text around them are shown by their code points. Tab,
# line feed and the two joiners, which emoji and several scripts need, are kept.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SETTING = re.compile(r"\bdata\.[a-z_]+(?:\.[a-z_]+)*(?:=\w+)?")


def visible(text: str) -> Markup:
    r"""Returns escaped text in which each invisible character is replaced by its code point in a box.

    >>> print(visible("<b>\u202e"))
    &lt;b&gt;<span class="unseen">U+202E</span>
    """
    return Markup(_INVISIBLE.sub(lambda match: f'<span class="unseen">{_code_point(match)}</span>', escape(text)))


def visible_text(text: str) -> str:
    r"""Returns text in which each invisible character is replaced by its code point, for places without markup.

    >>> visible_text("a\u202eb")
    'aU+202Eb'
    """
    return _INVISIBLE.sub(_code_point, text)


def _code_point(match: re.Match[str]) -> str:
    return f"U+{ord(match.group()):04X}"


def quoted(text: str, *, limit: int = MAX_CHARACTERS) -> Markup:
    """Returns a passage of a user's text, isolated so that right-to-left script does not affect the page around it.

    Args:
        text: The passage.
        limit: Longer passages are cut to this number of characters, and the page says how many are missing.
    """
    omitted = f" … and {len(text) - limit:,} more characters" if len(text) > limit else ""
    return Markup(f'<bdi dir="auto">{visible(text[:limit])}</bdi>{omitted}')


def prose(text: str) -> Markup:
    """Returns visible text with the names of settings marked up as code.

    >>> print(prose("Raise data.tokenizer.max_size."))
    Raise <code>data.tokenizer.max_size</code>.
    """
    return Markup(_SETTING.sub(lambda match: f"<code>{match.group()}</code>", visible(text)))

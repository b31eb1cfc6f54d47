"""Words and punctuation marks -> text for people to read, with spaces where print has them."""

import re
from collections.abc import Sequence

_NO_SPACE_BEFORE = frozenset([".", ",", ";", ":", "?", "!", ")", "%", "...", "/"])
_NO_SPACE_AFTER = frozenset(["(", "£", "$", "€", "/"])
_QUOTES = frozenset(['"', "'"])
_SHORTENED = frozenset(["em", "til", "tis", "twas", "cause", "bout"])
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SENTENCE_END = re.compile(r"""(?<=[.?!]) +|(?<=[.?!]["')]) +""")


def join_tokens(tokens: Sequence[str]) -> str:
    """Returns one paragraph of text.

    Quotation marks open and close in turn, and one at the very end closes. An apostrophe by itself stands close to the
    word before it (the doctors' strike), unless another follows that can close what it opens.

    >>> print(join_tokens(["he", "said", ":", '"', "no", "(", "not", "'", "now", "'", ")", '"', "."]))
    he said: "no (not 'now')".
    """
    parts: list[str] = []
    double_is_open = single_is_open = False
    glue = True
    last = len(tokens) - 1
    apostrophes = tokens.count("'")
    for position, token in enumerate(tokens):
        opens = False
        if token == '"':
            opens = double_is_open = not double_is_open and not 0 < position == last
        elif token == "'":
            apostrophes -= 1
            shortens = _is_shortened(tokens[position + 1 : position + 2])
            quotes = apostrophes > 0 and (position == 0 or not tokens[position - 1].endswith("s"))
            opens = not single_is_open and (position == 0 or shortens or quotes)
            single_is_open = opens and quotes and not shortens
        closes = (token in _QUOTES and not opens) or token in _NO_SPACE_BEFORE
        parts += [token] if glue or closes else [" ", token]
        glue = opens or token in _NO_SPACE_AFTER
    return re.sub(r"\s+", " ", "".join(parts))


def _is_shortened(following: Sequence[str]) -> bool:
    """Whether an apostrophe stands for a beginning that is left out of the next token: 'em, '21."""
    return any(token in _SHORTENED or (len(token) == 2 and token.isdigit()) for token in following)


def sentences(paragraph: str) -> list[str]:
    """Returns the sentences of a cleaned paragraph: a full stop, question or exclamation mark and a space end one.

    A closing quotation mark or bracket belongs to the sentence before it. Abbreviations end one too.

    >>> sentences('"really?" he asked. it was so, e.g. here.')
    ['"really?"', 'he asked.', 'it was so, e.g.', 'here.']
    """
    return _SENTENCE_END.split(paragraph)


def for_terminal(text: str) -> str:
    r"""Returns text in which what a terminal could take for a command is U+FFFD; the ends of lines stay.

    A vocabulary may have any characters, and that of a saved model may come from anybody.

    >>> for_terminal("red:\x1b[31m\n")
    'red:�[31m\n'
    """
    return _CONTROL.sub("\ufffd", text)

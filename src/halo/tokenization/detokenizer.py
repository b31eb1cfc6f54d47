"""Detokenization: words and punctuation marks -> readable text, with spaces as in print."""

import re
from collections.abc import Sequence

_NO_SPACE_BEFORE = frozenset([".", ",", ";", ":", "?", "!", ")", "%", "...", "/"])
_NO_SPACE_AFTER = frozenset(["(", "£", "$", "€", "/"])
_QUOTES = frozenset(['"', "'"])
_CONTRACTIONS = frozenset(["em", "til", "tis", "twas", "cause", "bout"])
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SENTENCE_END = re.compile(r"""(?<=[.?!]) +|(?<=[.?!]["')]) +""")


def join_tokens(tokens: Sequence[str]) -> str:
    """Returns one paragraph of text made of word tokens.

    Quotation marks open and close in turn, and one at the very end closes. A single apostrophe is attached to the word
    before it (the doctors' strike), unless another follows that can close a quotation.

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
            contracts = _is_contraction(tokens[position + 1 : position + 2])
            quotes = apostrophes > 0 and (position == 0 or not tokens[position - 1].endswith("s"))
            opens = not single_is_open and (position == 0 or contracts or quotes)
            single_is_open = opens and quotes and not contracts
        closes = (token in _QUOTES and not opens) or token in _NO_SPACE_BEFORE
        parts += [token] if glue or closes else [" ", token]
        glue = opens or token in _NO_SPACE_AFTER
    return re.sub(r"\s+", " ", "".join(parts))


def _is_contraction(following: Sequence[str]) -> bool:
    """Returns whether an apostrophe replaces the beginning of the next token: 'em, '21."""
    return any(token in _CONTRACTIONS or (len(token) == 2 and token.isdigit()) for token in following)


def sentences(paragraph: str) -> list[str]:
    """Returns the sentences of a cleaned paragraph; a full stop, question or exclamation mark and a space end each.

    A closing quotation mark or bracket belongs to the sentence before it. Abbreviations end a sentence too.

    >>> sentences('"really?" he asked. it was so, e.g. here.')
    ['"really?"', 'he asked.', 'it was so, e.g.', 'here.']
    """
    return _SENTENCE_END.split(paragraph)


def for_terminal(text: str) -> str:
    r"""Returns `text` with U+FFFD for every control character except line feeds.

    The vocabulary of a saved model may come from anybody, and contain control sequences for terminals.

    >>> for_terminal("red:\x1b[31m\n")
    'red:�[31m\n'
    """
    return _CONTROL.sub("\ufffd", text)

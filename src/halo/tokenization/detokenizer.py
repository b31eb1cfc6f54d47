"""Detokenization: words and punctuation marks -> readable text, with spaces as in print."""

import re
import unicodedata
from collections.abc import Sequence

from halo.corpus.cleaning.placeholders import EOL_TOKEN as EOL
from halo.tokenization.spacing import Spacing, spacing

_ELLIPSES = frozenset(["...", "…"])
_EMPHASIS = frozenset(["_", "__", "*", "**", "`", "``", "~~"])
_CLOSERS = {"“": "”", "„": "“”", "‟": "”", "«": "»", "‹": "›", "‘": "’", "‚": "‘’", "»": "«»", "›": "‹›", "”": "”"}
"""The marks that close a quotation, for each mark that opens one."""
_CONTRACTED = frozenset(["em", "til", "tis", "twas", "cause", "bout", "n", "round", "neath", "cos", "twere", "twill"])
_YEARS = re.compile(r"\d\d|\d0s")
_ENDINGS = frozenset(["s", "es", "ies", "n", "en", "e", "r", "er", "in", "innen"])
_SPACED_IN_FRENCH = frozenset(["?", "!", ";", ":", "«", "»"])
_FRENCH = frozenset(
    ["au", "avec", "dans", "des", "elle", "est", "et", "il", "les", "ne", "nous", "où", "pas", "qui", "une"]
)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SENTENCE_END = re.compile(r"""(?<=[.?!]) +|(?<=[.?!]["')]) +""")


def join_tokens(tokens: Sequence[str]) -> str:
    """Returns one paragraph of text made of word tokens.

    Quotation marks open and close in turn, and one at the very end closes. A single apostrophe is attached to the word
    before it (the doctors' strike), unless another follows that can close a quotation. French, which is recognised by
    its most frequent words, has spaces before marks such as ? and inside « ». `<eol>` is written as a line feed.

    >>> print(join_tokens(["he", "said", ":", '"', "no", "(", "not", "'", "now", "'", ")", '"', "."]))
    he said: "no (not 'now')".
    """
    return re.sub(r"[^\S\n]+", " ", "".join(space_tokens(tokens)))


def space_tokens(tokens: Sequence[str]) -> list[str]:
    """Returns the tokens of a paragraph, each with the space before it if there is one, as `join_tokens` joins them.

    >>> space_tokens(["yes", ",", "it", "is"])
    ['yes', ',', ' it', ' is']
    """
    paragraph = _Paragraph(tokens)
    pieces: list[str] = []
    is_attached = True
    for position, token in enumerate(tokens):
        left, right = paragraph.spacing_at(position)
        pieces.append(_piece(token, is_attached=is_attached or left))
        is_attached = right
    return pieces


def _piece(token: str, *, is_attached: bool) -> str:
    """Returns a token as it is printed: with a space before it, unless it is attached, or as a line feed."""
    if token == EOL:
        return "\n"
    return token if is_attached else f" {token}"


class GrowingParagraph:
    """A paragraph that is written token by token: its spaces do not depend on the tokens that follow.

    It differs from `join_tokens` only where that looks ahead: a single apostrophe never opens a quotation, and a
    quotation mark that opens one is taken for an opening one even at the very end.

    >>> paragraph = GrowingParagraph()
    >>> [paragraph.add(token) for token in ["he", "said", ":", '"', "no", '"', "."]]
    ['he', ' said', ':', ' "', 'no', '"', '.']
    """

    def __init__(self) -> None:
        self._tokens: list[str] = []
        self._paragraph = _Paragraph(self._tokens, is_complete=False)
        self._is_attached = True

    def add(self, token: str) -> str:
        """Returns the next token of the paragraph with the space before it if there is one."""
        self._tokens.append(token)
        left, right = self._paragraph.spacing_at(len(self._tokens) - 1)
        piece = _piece(token, is_attached=self._is_attached or left)
        self._is_attached = right
        return piece


class _Paragraph:
    """The tokens of a paragraph and which quotations are open; its tokens are visited in order.

    Args:
        tokens: The tokens.
        is_complete: Whether these are all; otherwise each is visited as soon as it has been appended.
    """

    def __init__(self, tokens: Sequence[str], *, is_complete: bool = True) -> None:
        self._tokens = tokens
        self._is_complete = is_complete
        self._remaining_apostrophes = tokens.count("'")
        self._is_open = dict.fromkeys(["'", '"', *_EMPHASIS], False)
        marks = [token for at, token in enumerate(tokens) if token in _EMPHASIS and not self._is_operator(at)]
        self._in_pairs = {mark for mark in marks if marks.count(mark) % 2 == 0} if marks else set()
        self._expected: list[str] = []  # the marks that close the typographic quotations that are open
        self._in_angle_brackets = False
        self._is_french = not _SPACED_IN_FRENCH.isdisjoint(tokens) and self._has_french_words()

    def _has_french_words(self) -> bool:
        return len(_FRENCH.intersection(self._tokens)) > 1

    def spacing_at(self, position: int) -> Spacing:
        """Returns the spacing of the token at a position, given those before it."""
        token = self._tokens[position]
        if not self._is_complete:
            self._is_french = self._is_french or (token in _SPACED_IN_FRENCH and self._has_french_words())
        if (token.isascii() and token.isalnum()) or (self._is_french and token in _SPACED_IN_FRENCH):
            return Spacing(left=False, right=False)
        if token in self._is_open:
            return self._straight_mark(token, position)
        if token in _CLOSERS or token == "’":
            opens = self._opens_quotation(token, position)
            return Spacing(left=not opens, right=opens)
        if token == EOL:
            return Spacing(left=True, right=True)
        if token in "<>":
            return self._angle_bracket(token, position)
        left, right = spacing(token)
        if token == "(":
            left = self._belongs_to_word(position)
        elif token in _ELLIPSES:
            before = self._token(position - 1)
            left, right = before != ":", before in ("", ":", *self._is_open)
        elif token == "%":
            left = self._token(position - 1) == "<number>"
        elif unicodedata.category(token[:1] or "a") == "Sc" and len(token) == 1:
            follows = self._token(position + 1) if self._is_complete else "<number>"  # not known yet: the usual case
            right = follows == "<number>" != self._token(position - 1)
        return Spacing(left, right)

    def _token(self, position: int) -> str:
        return self._tokens[position] if 0 <= position < len(self._tokens) else ""

    def _straight_mark(self, token: str, position: int) -> Spacing:
        """Returns the spacing of a mark that looks the same where it opens and where it closes."""
        if token == "'":
            opens = self._apostrophe_opens(position)
        elif token in _EMPHASIS and (token not in self._in_pairs or self._is_operator(position)):
            return Spacing(left=False, right=token[0] == "_")
        else:
            ends = self._is_complete and position == len(self._tokens) - 1 and position > 0
            opens = self._is_open[token] = not self._is_open[token] and not ends
        return Spacing(left=not opens, right=opens)

    def _apostrophe_opens(self, position: int) -> bool:
        self._remaining_apostrophes -= 1
        before, after = self._token(position - 1), self._token(position + 1)
        if before == "n" and self._token(position - 2) == "'":  # rock 'n' roll
            return False
        contracts = after in _CONTRACTED or bool(_YEARS.fullmatch(after))
        quotes = self._remaining_apostrophes > 0 and (position == 0 or not before.endswith("s"))
        opens = not self._is_open["'"] and (position == 0 or contracts or quotes)
        self._is_open["'"] = opens and quotes and not contracts
        return opens

    def _is_operator(self, position: int) -> bool:
        """Returns whether there is a number or a single letter on both sides: 2 * 3, a * b."""
        return all(
            side[:1].isnumeric() or (len(side) == 1 and side.isalpha())
            for side in (self._token(position - 1), self._token(position + 1))
        )

    def _opens_quotation(self, token: str, position: int) -> bool:
        if self._expected and token in self._expected[-1]:
            self._expected.pop()
            return False
        if token == "’":
            following = self._token(position + 1)
            return following in _CONTRACTED or bool(_YEARS.fullmatch(following))
        if token in "”»›":  # they open quotations where their counterpart never does: ”hej”, »ja«
            counterpart = {"”": "“„‟", "»": "«", "›": "‹"}[token]
            rest = self._tokens[position + 1 :]
            if any(mark in self._tokens[:position] for mark in counterpart) or not {*_CLOSERS[token]} & {*rest}:
                return False
        self._expected.append(_CLOSERS[token])
        return True

    def _angle_bracket(self, token: str, position: int) -> Spacing:
        """Returns the spacing of < or >: of a bracket around words (<data not shown>), or of an operator (p < 0.05)."""
        if token == "<":
            before, after = self._token(position - 1), self._token(position + 1)
            is_operand = before[:1].isnumeric() or (len(before) == 1 and before.isalpha())
            self._in_angle_brackets = not is_operand and after[:1].isalpha() and ">" in self._tokens[position + 2 :]
            return Spacing(left=False, right=self._in_angle_brackets)
        closes, self._in_angle_brackets = self._in_angle_brackets, False
        return Spacing(left=closes, right=False)

    def _belongs_to_word(self, position: int) -> bool:
        """Returns whether a bracket holds an ending of the word before it, as in patient(s), or an argument: f(x)."""
        before, inside, after = (self._token(position + offset) for offset in (-1, 1, 2))
        is_function = len(before) == 1 and before not in "aAI" and len(inside) == 1 and inside.isalnum()
        return after == ")" and before.isalpha() and (is_function or (len(before) > 1 and inside in _ENDINGS))


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

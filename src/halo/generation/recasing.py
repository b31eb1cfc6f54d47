"""Capitals for reading: sentence starts, and words that the training text mostly capitalises."""

import re
from collections.abc import Mapping, Sequence

SENTENCE_ENDS = frozenset(".!?。！？")
ELLIPSES = frozenset(["...", "…"])
ABBREVIATION = re.compile(r"(?:\w+\.){2,}")
"""A token whose full stop ends no sentence: e.g., u.s."""


class Recaser:
    """Gives the pieces of a lower-cased text capitals, as they come; what it has learned about a sentence it keeps.

    Capitals are for reading only: the model has seen none, and probabilities are those of the lower-cased tokens. A
    sentence starts after a full stop, question or exclamation mark, and at the beginning of a paragraph.

    Args:
        cased_forms: The form with capitals of each token that the training text mostly capitalises within sentences,
            such as `Italy` for `italy`, or `I` for `i` (`halo.bundle.loading.Bundle.cased_forms`).

    >>> recaser = Recaser({"i": "I", "italy": "Italy"})
    >>> "".join(recaser.add(piece) for piece in ["in", " italy", ",", " i", " slept", ".", " we", " did", " not", "."])
    'In Italy, I slept. We did not.'
    """

    def __init__(self, cased_forms: Mapping[str, str]) -> None:
        self._forms = {token: form for token, form in cased_forms.items() if len(form) == len(token)}
        self._starts = True
        self._after_mark = False

    def add(self, piece: str) -> str:
        """Returns the next piece of text, spaces included, with its capitals; it is as long as before."""
        token = piece.strip()
        if token.startswith("<") and token.endswith(">"):  # a placeholder
            self._starts = self._after_mark = False
            return piece
        cased = "".join(map(self._next, piece.replace(token, self._forms.get(token, token))))
        if token in ELLIPSES or ABBREVIATION.fullmatch(token):
            self._after_mark = False
        return cased

    def _next(self, character: str) -> str:
        if character.isspace():
            self._starts = self._starts or self._after_mark or character == "\n"
            self._after_mark = self._after_mark and not self._starts
        elif character.isalnum():
            starts, self._starts, self._after_mark = self._starts, False, False
            if starts and character.upper().lower() == character:  # not of ß and others without a capital
                return character.upper()
        elif character in SENTENCE_ENDS:
            self._after_mark = True
        elif character in ",;:":
            self._starts = self._after_mark = False
        return character


def recase(pieces: Sequence[str], cased_forms: Mapping[str, str]) -> list[str]:
    """Returns the pieces of a lower-cased text with capitals for reading, each as long as before; see `Recaser`."""
    recaser = Recaser(cased_forms)
    return [recaser.add(piece) for piece in pieces]

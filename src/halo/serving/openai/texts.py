"""The text of a completion as it is written: where it ends, and the tokens that it is made of."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from halo.generation.stream import GeneratedToken
from halo.scoring.scored_text import ScoredText
from halo.serving.openai.fields import Logprobs


class Token(NamedTuple):
    """A token of a completion.

    Attributes:
        text: What it adds to the text.
        offset: Where it begins in the prompt and the text together.
        logprob: Natural logarithm of its probability.
        likeliest: The likeliest tokens in its place with theirs, and the token itself.
    """

    text: str
    offset: int
    logprob: float
    likeliest: dict[str, float]


@dataclass(frozen=True)
class Piece:
    """A part of a completion.

    Attributes:
        index: The number of the completion.
        text: The part of its text.
        tokens: The tokens that begin in it.
        finish_reason: Why the completion ends with it; None if it goes on.
    """

    index: int
    text: str
    tokens: Sequence[Token]
    finish_reason: Literal["stop", "length"] | None

    @classmethod
    def joined(cls, pieces: Sequence["Piece"]) -> "Piece":
        """Returns all pieces of a completion as one."""
        text = "".join(piece.text for piece in pieces)
        tokens = [token for piece in pieces for token in piece.tokens]
        return cls(pieces[0].index, text, tokens, pieces[-1].finish_reason)


class ChoiceWriter:
    """Collects the tokens of a completion, and holds back what may be the beginning of a stop text.

    Args:
        index: The number of the completion.
        offset: The number of characters of the prompt.
        stops: Texts at which it ends; they are not part of it.

    >>> writer = ChoiceWriter(0, offset=0, stops=["END"])
    >>> writer.add(GeneratedToken(5, "xE", "xE", -1.0, 1, ()))
    >>> writer.take(is_complete=False).text
    'x'
    >>> writer.add(GeneratedToken(6, "ND", "ND", -1.0, 1, ()))
    >>> writer.is_stopped, writer.take(is_complete=True).text
    (True, '')
    """

    def __init__(self, index: int, *, offset: int, stops: Sequence[str]) -> None:
        self._index, self._stops = index, stops
        self._offset = offset  # of the text that has not been taken
        self._text = ""
        self._tokens: list[Token] = []
        self.is_stopped = False

    def add(self, generated: GeneratedToken) -> None:
        """Adds the next token."""
        begin = self._offset + len(self._text)
        self._text += generated.text
        self._tokens.append(Token(generated.text, begin, generated.logprob, _likeliest(generated)))
        found = [place for stop in self._stops if (place := self._text.find(stop)) >= 0]
        if found:
            self._text = self._text[: min(found)]
            self.is_stopped = True

    def take(self, *, is_complete: bool) -> Piece:
        """Returns the text since the last time that is certain to belong to the completion."""
        ends = is_complete or self.is_stopped
        size = len(self._text) if ends else len(self._text) - _held_back(self._text, self._stops)
        text, self._text = self._text[:size], self._text[size:]
        self._offset += size
        number = sum(token.offset < self._offset or (ends and not self.is_stopped) for token in self._tokens)
        tokens, self._tokens = self._tokens[:number], self._tokens[number:]
        reason: Literal["stop", "length"] = "stop" if self.is_stopped else "length"
        return Piece(self._index, text, tokens, reason if ends else None)


def _held_back(text: str, stops: Iterable[str]) -> int:
    """Returns the number of characters at the end of a text with which a stop text may begin."""
    sizes = (size for stop in stops for size in range(1, len(stop)) if text.endswith(stop[:size]))
    return max(sizes, default=0)


def _likeliest(token: GeneratedToken) -> dict[str, float]:
    pairs = [(each.token, each.logprob) for each in token.alternatives]
    return _as_pieces(pairs, token.text, token.token) | {token.text: token.logprob}


def _as_pieces(pairs: Iterable[tuple[str, float]], text: str, token: str) -> dict[str, float]:
    """Returns log-probabilities by what each token would add to the text: words with the space that the token has."""
    space = text[: len(text) - len(text.lstrip())]
    return {
        text if other == token else space + other if other[:1].isalnum() else other: logprob for other, logprob in pairs
    }


def echoed_tokens(prompt: str, scored: ScoredText) -> list[Token]:
    """Returns the words of a prompt as tokens, which are together the prompt.

    A word of several tokens of the model has the sum of their log-probabilities, and the likeliest tokens in place of
    the first. Where cleaning removed a word, it is part of the next one.

    Args:
        prompt: The prompt.
        scored: Its scores.
    """
    words = [word for word in scored.words if word.bits is not None]
    tokens = []
    begin = 0
    for number, word in enumerate(words, start=1):
        end = word.end if number < len(words) else len(prompt)
        text = prompt[begin:end]
        logprob = -(word.bits or 0.0) * math.log(2)
        first = scored.tokens[word.first_token].text
        likeliest = _as_pieces(((each.token, each.logprob) for each in word.alternatives), text, first)
        tokens.append(Token(text, begin, logprob, likeliest | {text: logprob}))
        begin = end
    return tokens


def logprobs_of(tokens: Sequence[Token]) -> Logprobs:
    """Returns tokens as clients expect them."""
    return Logprobs(
        tokens=[token.text for token in tokens],
        token_logprobs=[token.logprob for token in tokens],
        top_logprobs=[token.likeliest for token in tokens],
        text_offset=[token.offset for token in tokens],
    )

"""Text that is written token by token: what each token adds to it, spaces included."""

from collections.abc import Iterable, Sequence

from halo.tokenization.detokenizer import GrowingParagraph, space_tokens
from halo.tokenization.tokenizer import TextTokenizer

INCOMPLETE = "\ufffd"
"""Stands at the end of decoded bpe tokens whose last character is not complete yet."""
BYTES_OF_A_CHARACTER = 4
"""The longest character of UTF-8: of more tokens the bytes are no text, and are not waited for."""


class TextStream:
    """Turns tokens into text as they come: a token's piece of the text does not depend on the tokens after it.

    With bpe a character may take several tokens; the last of them brings it, and the others bring nothing.

    Args:
        tokenizer: The vocabulary.
        ids: The tokens that the text begins with; their pieces are not returned.
        paragraph_break: What is written for `<eos>`.

    >>> tokenizer = TextTokenizer.train(["hello, world"], kind="word", min_count=1, max_size=None)
    >>> stream = TextStream(tokenizer, tokenizer.encode("hello"))
    >>> [stream.add(token_id) for token_id in tokenizer.encode(", world")]
    [',', ' world']
    """

    def __init__(self, tokenizer: TextTokenizer, ids: Iterable[int] = (), *, paragraph_break: str = "\n\n") -> None:
        self._tokenizer = tokenizer
        self._paragraph_break = paragraph_break
        self._start_paragraph()
        for token_id in ids:
            self.add(token_id)

    def _start_paragraph(self) -> None:
        self._paragraph = GrowingParagraph()
        self._is_empty = True
        self._pending: list[int] = []  # the tokens of bpe that have brought nothing yet

    def add(self, token_id: int) -> str:
        """Returns the text that the next token adds."""
        if token_id == self._tokenizer.eos_id:
            self._start_paragraph()
            return self._paragraph_break
        if self._tokenizer.kind == "bpe":
            return self._add_bytes(token_id)
        token = self._tokenizer.token(token_id)
        was_empty, self._is_empty = self._is_empty, False
        if self._tokenizer.kind == "word":
            return self._paragraph.add(token)
        return token if self._tokenizer.kind in ("char", "kmer") or was_empty else f" {token}"

    def _add_bytes(self, token_id: int) -> str:
        self._pending.append(token_id)
        piece = self._tokenizer.decode_paragraph(self._pending)
        if piece.endswith(INCOMPLETE) and len(self._pending) < BYTES_OF_A_CHARACTER:
            return ""
        self._pending = []
        return piece


def text_pieces(tokenizer: TextTokenizer, ids: Sequence[int], *, paragraph_break: str = "\n\n") -> list[str]:
    """Returns what each token of a complete text adds to it; together they are the text as `decode` writes it.

    Args:
        tokenizer: The vocabulary.
        ids: The tokens of the text.
        paragraph_break: What is written for `<eos>`.

    >>> tokenizer = TextTokenizer.train(['say " no "'], kind="word", min_count=1, max_size=None)
    >>> text_pieces(tokenizer, tokenizer.encode('say " no "'))
    ['say', ' "', 'no', '"']
    """
    if tokenizer.kind != "word":
        stream = TextStream(tokenizer, paragraph_break=paragraph_break)
        return [stream.add(token_id) for token_id in ids]
    pieces: list[str] = []
    start = 0
    for end in [*(place for place, token_id in enumerate(ids) if token_id == tokenizer.eos_id), len(ids)]:
        pieces += space_tokens([tokenizer.token(token_id) for token_id in ids[start:end]])
        pieces += [paragraph_break] if end < len(ids) else []
        start = end + 1
    return pieces

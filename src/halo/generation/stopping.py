"""Words and strings that end a generated text."""

from collections.abc import Sequence

from halo.tokenization.backends import EOS
from halo.tokenization.tokenizer import TextTokenizer


class Stops:
    """Recognises the words or strings that end a text; they are part of it.

    Words and characters are compared token by token, so that the word `the` is not found in `there`; with bpe, whose
    tokens have other borders than words, the text is compared.

    Args:
        tokenizer: The vocabulary.
        stops: The words or strings, cleaned as the training text was; `<eos>` is the end of a paragraph.

    Attributes:
        never: Those that the model cannot write, because a token of them is not in its vocabulary.

    >>> tokenizer = TextTokenizer.train(["it is. there"], kind="word", min_count=1, max_size=None)
    >>> stops = Stops(tokenizer, [".", "zebra"])
    >>> stops.never
    ['zebra']
    >>> [stops.end(tokenizer.encode(text)) for text in ("it is", "it is.")]
    [False, True]
    """

    def __init__(self, tokenizer: TextTokenizer, stops: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._strings: list[str] = []
        self._sequences: list[list[int]] = []
        self.never: list[str] = []
        for stop in stops:
            ids = [tokenizer.eos_id] if stop == EOS else tokenizer.encode(stop)
            if tokenizer.unk_id in ids:
                self.never.append(stop)
            elif tokenizer.kind == "bpe" and stop != EOS:
                self._strings.append(stop)
            else:
                self._sequences.append(ids)
        self._tail = max((len(each.encode()) for each in self._strings), default=0)

    def end(self, ids: Sequence[int]) -> bool:
        """Returns whether a text has just reached one of them.

        Args:
            ids: The tokens that have been generated; those of the prompt do not count.
        """
        if any(len(ids) >= len(stop) and [*ids[len(ids) - len(stop) :]] == stop for stop in self._sequences):
            return True
        if not self._strings:
            return False
        text = self._tokenizer.decode_paragraph(ids[max(0, len(ids) - self._tail) :])  # a token has a byte or more
        return any(stop in text for stop in self._strings)

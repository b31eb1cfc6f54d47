r"""Words <-> ids, on HuggingFace `tokenizers`.

What is one token, by the first rule that fits:

1. letters with full stops: U.S., e.g., a.m.
2. a word or number, with a currency sign before it and a per cent sign behind it; hyphens and apostrophes inside hold
it
   together, and so do full stops, commas and colons between digits: COVID-19, SARS-CoV-2, don't, 1,200.50, £4m, 3.5%,
   6:30, B.1.1.7
3. a degree sign with its scale (°C), and three full stops
4. any other character that is not white space
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from halo.errors import InputError

UNKNOWN = "<unk>"
END = "<eos>"

TOKEN_PATTERN = (
    r"(?:\p{L}\.){2,}"
    r"|[£$€]?[\p{L}\p{M}\p{N}]+(?:(?:['-]|(?<=\p{N})[.,:](?=\p{N})|(?<=\p{Lu})\.(?=\p{N}))[\p{L}\p{M}\p{N}]+)*%?"
    r"|°[CF]?"
    r"|\.\.\."
    r"|\S"
)

_NO_SPACE_BEFORE = frozenset([".", ",", ";", ":", "?", "!", ")", "%", "...", "'", "/"])
_NO_SPACE_AFTER = frozenset(["(", "£", "$", "€", "/"])


class WordTokenizer:
    """A vocabulary of words and punctuation marks, with `<unk>` as id 0 and `<eos>` as id 1."""

    def __init__(self, backend: Tokenizer) -> None:
        backend.encode_special_tokens = True  # a literal "<unk>" in a text is text
        self._backend = backend
        self.unknown_id = self._special_id(UNKNOWN)
        self.end_id = self._special_id(END)

    def _special_id(self, token: str) -> int:
        token_id = self._backend.token_to_id(token)
        if token_id is None:
            raise InputError(f"the tokenizer has no {token}; use a tokenizer.json that halo wrote")
        return token_id

    @classmethod
    def train(cls, texts: Iterable[str], *, min_count: int) -> "WordTokenizer":
        """Returns a tokenizer whose vocabulary is the words of `texts` that occur `min_count` times or more."""
        backend = Tokenizer(models.WordLevel(unk_token=UNKNOWN))
        backend.pre_tokenizer = pre_tokenizers.Split(Regex(TOKEN_PATTERN), behavior="removed", invert=True)
        trainer = trainers.WordLevelTrainer(
            vocab_size=2**31 - 1, min_frequency=min_count, special_tokens=[UNKNOWN, END], show_progress=False
        )
        backend.train_from_iterator(texts, trainer)
        return cls(backend)

    @classmethod
    def load(cls, file: Path) -> "WordTokenizer":
        """Returns the tokenizer that `save` wrote.

        Raises:
            InputError: There is no such file, or it holds something else.
        """
        if not file.is_file():
            raise InputError(f"{file}: no such tokenizer")
        try:
            backend = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises plain Exception
            raise InputError(f"{file}: not a tokenizer.json ({str(error).splitlines()[0]})") from error
        return cls(backend)

    def save(self, file: Path) -> None:
        """Writes tokenizer.json."""
        self._backend.save(str(file))

    @property
    def vocab_size(self) -> int:
        """The number of ids, `<unk>` and `<eos>` among them."""
        return self._backend.get_vocab_size()

    def vocabulary(self) -> dict[str, int]:
        """Returns each word with its id."""
        return self._backend.get_vocab()

    def encode(self, text: str) -> list[int]:
        """Returns the ids of one paragraph's tokens; no `<eos>` is added."""
        return self._backend.encode(text).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Returns the ids of each text, on all cores."""
        return [encoding.ids for encoding in self._backend.encode_batch_fast(list(texts))]

    def tokens(self, text: str) -> list[str]:
        """Returns the words and marks that `text` is divided into, unknown ones as they stand there."""
        assert self._backend.pre_tokenizer is not None
        return [token for token, _ in self._backend.pre_tokenizer.pre_tokenize_str(text)]

    def token(self, token_id: int) -> str:
        """Returns the token of an id."""
        return cast(str, self._backend.id_to_token(token_id))

    def decode(self, ids: Iterable[int]) -> str:
        """Returns text for people to read: spaces as in print, a blank line for `<eos>`.

        Quotation marks open and close in turn, within a paragraph.
        """
        parts: list[list[str]] = [[]]
        for token_id in ids:
            if token_id == self.end_id:
                parts.append([])
            else:
                parts[-1].append(self.token(token_id))
        return "\n\n".join(join_tokens(tokens) for tokens in parts).strip()


def join_tokens(tokens: Sequence[str]) -> str:
    """Returns one paragraph of text with spaces where print has them.

    >>> join_tokens(["he", "said", ":", '"', "no", "(", "not", "now", ")", '"', "."])
    'he said: "no (not now)".'
    """
    text = ""
    quote_is_open = False
    glue = True
    for token in tokens:
        closes = token == '"' and quote_is_open
        text += token if glue or closes or token in _NO_SPACE_BEFORE else f" {token}"
        glue = token in _NO_SPACE_AFTER or (token == '"' and not quote_is_open)
        quote_is_open ^= token == '"'
    return re.sub(r"\s+", " ", text)

"""Text <-> ids, on HuggingFace `tokenizers`: words, whitespace-separated tokens, characters, k-mers, byte-level BPE.

`<unk>` has id 0 and `<eos>` id 1. They are ordinary entries of the vocabulary: tokenizer.json lists no "added tokens",
which libraries would search for in the text itself. So a literal "<unk>" in a text is split like any other text, by
`tokenizers` and by `transformers` alike, unless `transformers` is given `unk_token="<unk>"`, which adds it. Only the
kind `whitespace` recognises them in the text, as benchmarks that are already tokenized require.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from halo.corpus.cleaning.placeholders import EOL_TOKEN
from halo.runtime.errors import InputError, reason
from halo.tokenization.backends import EOS, UNK, kind_of, make_backend, rebuild_backend, train_bpe
from halo.tokenization.detokenizer import join_tokens
from halo.tokenization.token_rules import pre_tokenizer

TokenIds = npt.NDArray[np.unsignedinteger]
"""Token ids: uint16 or uint32, depending on the size of the vocabulary."""

MAX_BYTES = 2**26
"""The maximum size of a tokenizer.json: more than two million words of the usual length."""


class TextTokenizer:
    """A vocabulary of tokens, with `<unk>` as id 0 and `<eos>` as id 1, and the rule that splits a text into them.

    Attributes:
        kind: `word`, `whitespace`, `char`, `bpe` or `kmer`, as `TokenizerConfig` describes them.
        unk_id: The id of `<unk>`. With bpe it never occurs, since any text is bytes.
        eos_id: The id of `<eos>`, which is placed after paragraphs or documents; encoding adds none.
    """

    def __init__(self, backend: Tokenizer) -> None:
        self._backend = backend
        self.kind = kind_of(backend)
        self.unk_id = self._special_id(UNK)
        self.eos_id = self._special_id(EOS)

    def _special_id(self, token: str) -> int:
        token_id = self._backend.token_to_id(token)
        if token_id is None:
            raise InputError(f"no {token} in its vocabulary")
        return token_id

    @classmethod
    def train(cls, texts: Iterable[str], *, kind: str, min_count: int, max_size: int | None) -> "TextTokenizer":
        """Returns a tokenizer whose vocabulary comes from `texts`; see `TokenizerConfig` for the settings."""
        if kind == "bpe":
            assert max_size is not None
            return cls(train_bpe(texts, min_count=min_count, max_size=max_size))
        split = pre_tokenizer(kind).pre_tokenize_str
        counts = Counter(token for text in texts for token, _ in split(text))
        return cls.from_counts(counts, kind=kind, min_count=min_count, max_size=max_size)

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, int],
        *,
        kind: str,
        min_count: int,
        max_size: int | None,
        any_placeholder: bool = False,
    ) -> "TextTokenizer":
        """Returns a tokenizer whose vocabulary is the most frequent tokens, of any kind but `bpe`.

        Args:
            counts: Number of occurrences of each token.
            kind: The kind of tokenizer.
            min_count: Tokens that occur less often are left out.
            max_size: The maximum size of the vocabulary, including `<unk>` and `<eos>`; None for no limit.
            any_placeholder: Whether words in angle brackets are tokens of kind `word`, whatever their name.
        """
        frequent = (token for token, count in counts.items() if count >= min_count and token not in (UNK, EOS))
        kept = sorted(frequent, key=lambda token: (-counts[token], token))[: max_size and max_size - 2]
        vocabulary = {token: token_id for token_id, token in enumerate([UNK, EOS, *kept])}
        return cls(make_backend(kind, vocabulary, [], any_placeholder=any_placeholder))

    @classmethod
    def load(cls, file: Path) -> "TextTokenizer":
        """Returns the tokenizer that `save` wrote.

        Raises:
            InputError: The file does not exist, is too large, or is not a tokenizer that halo wrote.
        """
        if not file.is_file():
            raise InputError(f"{file}: no such tokenizer")
        try:
            size = file.stat().st_size
            if size > MAX_BYTES:
                hint = f"at most {MAX_BYTES:,} are allowed, for which data.tokenizer.max_size can be lowered"
                raise ValueError(f"{size:,} bytes, {hint}")
            return cls(rebuild_backend(json.loads(file.read_bytes())))
        except Exception as error:  # an invalid file fails in many ways, in Python and in the library
            problem = f"not a tokenizer.json of halo ({reason(error)})"
            raise InputError(f"{file}: {problem}; use a file written by this version of halo") from error

    def save(self, file: Path) -> None:
        """Writes tokenizer.json.

        Raises:
            OSError: The disk is full.
        """
        # Not with the library's own `save`, which raises a plain Exception.
        file.write_text(self._backend.to_str(pretty=True), encoding="utf-8")

    @property
    def vocab_size(self) -> int:
        """The number of ids, including `<unk>` and `<eos>`."""
        return self._backend.get_vocab_size()

    def vocabulary(self) -> dict[str, int]:
        """Returns the id of each token; tokens of bpe are in the library's notation for bytes."""
        return self._backend.get_vocab()

    def words(self) -> list[str]:
        """Returns the tokens in the order of their ids."""
        return [self.token(token_id) for token_id in range(self.vocab_size)]

    def encode(self, text: str) -> list[int]:
        """Returns the ids of the tokens of one paragraph; no `<eos>` is added."""
        return self._backend.encode(text).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Returns the ids of each text, computed on all cores."""
        return [encoding.ids for encoding in self._backend.encode_batch_fast(list(texts))]

    def encode_with_offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int, int]]]:
        """Returns the tokens of each text as id, index of the first character, and index behind the last one.

        Tokens of bpe that are parts of one character have the same indices.
        """
        encodings = self._backend.encode_batch(list(texts))
        return [
            [(token_id, *span) for token_id, span in zip(encoding.ids, encoding.offsets, strict=True)]
            for encoding in encodings
        ]

    def tokens(self, text: str) -> list[str]:
        """Returns the tokens of `text`, one for each id of `encode`; unknown tokens as they are in the text."""
        if self.kind == "bpe":
            return [self.token(token_id) for token_id in self.encode(text)]
        assert self._backend.pre_tokenizer is not None
        return [token for token, _ in self._backend.pre_tokenizer.pre_tokenize_str(text)]

    def token(self, token_id: int) -> str:
        """Returns the token of an id; an incomplete character, as bpe may have it, is a replacement character."""
        if self.kind == "bpe" and token_id not in (self.unk_id, self.eos_id):
            return self._backend.decode([token_id])
        return cast(str, self._backend.id_to_token(token_id))

    def decode(self, ids: Iterable[int], *, paragraph_break: str = "\n\n") -> str:
        """Returns readable text.

        Characters and bpe reproduce the text exactly; words get spaces as in print, and quotation marks open and close
        in turn within a paragraph.

        Args:
            ids: Token ids.
            paragraph_break: What is written for `<eos>`; a blank line, where it ends paragraphs.
        """
        paragraphs: list[list[int]] = [[]]
        for token_id in ids:
            if token_id == self.eos_id:
                paragraphs.append([])
            else:
                paragraphs[-1].append(token_id)
        return paragraph_break.join(map(self.decode_paragraph, paragraphs)).strip()

    def decode_paragraph(self, ids: Sequence[int]) -> str:
        """Returns the text of tokens without `<eos>`, with white space at its ends if it has some."""
        return self._backend.decode(ids) if self.kind == "bpe" else self.join(list(map(self.token, ids)))

    def join(self, tokens: Sequence[str]) -> str:
        """Returns one paragraph of text made of `tokens`, as `decode` does; those of bpe must be whole characters."""
        if self.kind == "word":
            return join_tokens(tokens)
        if self.kind == "whitespace":
            return " ".join(tokens).replace(f" {EOL_TOKEN} ", "\n")
        return "".join(tokens)

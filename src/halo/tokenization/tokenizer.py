r"""Text <-> ids, on HuggingFace `tokenizers`: words, what white space separates, characters, or byte-level BPE.

What is one token for the kind `word`, by the first rule that fits:

1. a word that cleaning put in for a class: <url>, <email>, <phone>, <handle>, <number>
2. letters with full stops: U.S., e.g., a.m.
3. a word or number, with a currency sign or the minus of a number before it, and a per cent sign or the hyphen of a
   compound that is cut short behind it; hyphens and apostrophes inside hold it together, and so do full stops, commas
   and colons between digits: COVID-19, SARS-CoV-2, don't, 1,200.50, £4m, -80, 3.5%, 6:30, B.1.1.7, two- or threefold
4. a degree sign with its scale (°C), and three full stops
5. any other character that is not white space

`<unk>` has id 0 and `<eos>` id 1. They are entries of the vocabulary and no more: tokenizer.json lists no "added
tokens", which libraries look for in the text itself. So a literal "<unk>" in a text is cut as any other text is, by
`tokenizers` and by `transformers` alike, unless `transformers` is told `unk_token="<unk>"`, which adds it. The kind
`whitespace` alone takes them as they stand, as benchmarks that were tokenized before need.

A tokenizer.json may come from anybody, and could hold patterns that take forever and steps that fill the memory. So of
a file only vocabulary and merges are used; the rest has to be what one of the four kinds has there, and is made anew.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from halo.corpus.cleaning.placeholders import PLACEHOLDERS
from halo.runtime.errors import InputError, reason
from halo.tokenization.detokenizer import join_tokens

UNK = "<unk>"
EOS = "<eos>"
KINDS = ("word", "whitespace", "char", "bpe")
MAX_BYTES = 2**26
"""Of a tokenizer.json that is read: more than two million words of the usual length."""

_DECIDING = {
    "type",
    "normalizer",
    "pre_tokenizer",
    "decoder",
    "post_processor",
    "pattern",
    "Regex",
    "behavior",
    "invert",
}
_OF_A_VOCABULARY = {"version", "added_tokens", "vocab", "merges"}

TOKEN_PATTERN = (
    rf"{'|'.join(PLACEHOLDERS)}"
    r"|(?:\p{L}\.){2,}"
    r"|(?:[£$€]|(?<![^\s(])-(?=\p{N}))?[\p{L}\p{M}\p{N}]+(?:(?:['-]|(?<=\p{N})[.,:](?=\p{N})|(?<=\p{Lu})\.(?=\p{N}))[\p{L}\p{M}\p{N}]+)*(?:%|-(?!\S))?"
    r"|°[CF]?"
    r"|\.\.\."
    r"|\S"
)


class TextTokenizer:
    """A vocabulary of tokens, with `<unk>` as id 0 and `<eos>` as id 1, and the rule that cuts a text into them.

    Attributes:
        kind: `word`, `whitespace`, `char` or `bpe`, as `TokenizerConfig` describes them.
        unk_id: The id of `<unk>`. With bpe no text has it: any text is bytes.
        eos_id: The id of `<eos>`, which stands between paragraphs or documents; encoding adds none.
    """

    def __init__(self, backend: Tokenizer) -> None:
        self._backend = backend
        self.kind = _kind(backend)
        self.unk_id = self._special_id(UNK)
        self.eos_id = self._special_id(EOS)

    def _special_id(self, token: str) -> int:
        token_id = self._backend.token_to_id(token)
        if token_id is None:
            raise InputError(f"no {token} in its vocabulary")
        return token_id

    @classmethod
    def train(cls, texts: Iterable[str], *, kind: str, min_count: int, max_size: int | None) -> "TextTokenizer":
        """Returns a tokenizer whose vocabulary comes from `texts`, see `TokenizerConfig` for the settings."""
        if kind == "bpe":
            assert max_size is not None
            return cls(_train_bpe(texts, min_count=min_count, max_size=max_size))
        cut = _pre_tokenizer(kind).pre_tokenize_str
        counts = Counter(token for text in texts for token, _ in cut(text))
        return cls.of_counts(counts, kind=kind, min_count=min_count, max_size=max_size)

    @classmethod
    def of_counts(
        cls, counts: Mapping[str, int], *, kind: str, min_count: int, max_size: int | None
    ) -> "TextTokenizer":
        """Returns a tokenizer of kind `word`, `whitespace` or `char` whose vocabulary are the most frequent tokens.

        Args:
            counts: How often each token occurs.
            kind: As in `TokenizerConfig`, like the others.
            min_count: Rarer ones are left out.
            max_size: The size of the vocabulary at most, `<unk>` and `<eos>` among it.
        """
        frequent = (token for token, count in counts.items() if count >= min_count and token not in (UNK, EOS))
        kept = sorted(frequent, key=lambda token: (-counts[token], token))[: max_size and max_size - 2]
        vocabulary = {token: token_id for token_id, token in enumerate([UNK, EOS, *kept])}
        return cls(_empty(kind, vocabulary, []))

    @classmethod
    def load(cls, file: Path) -> "TextTokenizer":
        """Returns the tokenizer that `save` wrote.

        Raises:
            InputError: There is no such file, it is too large, or it holds something else.
        """
        if not file.is_file():
            raise InputError(f"{file}: no such tokenizer")
        try:
            size = file.stat().st_size
            if size > MAX_BYTES:
                limit = f"at most {MAX_BYTES:,} are read, for which data.tokenizer.max_size can be lowered"
                raise ValueError(f"{size:,} bytes, {limit}")
            return cls(_remade(json.loads(file.read_bytes())))
        except Exception as error:  # what is no tokenizer fails in many ways, in Python and in the library
            told = f"not a tokenizer.json of halo ({reason(error)})"
            raise InputError(f"{file}: {told}; use a file that this version of halo wrote") from error

    def save(self, file: Path) -> None:
        """Writes tokenizer.json.

        Raises:
            OSError: The disk is full.
        """
        # Not with the library's own `save`, which raises plain Exception.
        file.write_text(self._backend.to_str(pretty=True), encoding="utf-8")

    @property
    def vocab_size(self) -> int:
        """The number of ids, `<unk>` and `<eos>` among them."""
        return self._backend.get_vocab_size()

    def vocabulary(self) -> dict[str, int]:
        """Returns each token with its id; those of bpe as the library writes bytes."""
        return self._backend.get_vocab()

    def words(self) -> list[str]:
        """Returns the tokens in the order of their ids."""
        return [self.token(token_id) for token_id in range(self.vocab_size)]

    def encode(self, text: str) -> list[int]:
        """Returns the ids of one paragraph's tokens; no `<eos>` is added."""
        return self._backend.encode(text).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Returns the ids of each text, on all cores."""
        return [encoding.ids for encoding in self._backend.encode_batch_fast(list(texts))]

    def tokens(self, text: str) -> list[str]:
        """Returns what `text` is divided into, one for each id of `encode`, unknown tokens as they stand there."""
        if self.kind == "bpe":
            return [self.token(token_id) for token_id in self.encode(text)]
        assert self._backend.pre_tokenizer is not None
        return [token for token, _ in self._backend.pre_tokenizer.pre_tokenize_str(text)]

    def token(self, token_id: int) -> str:
        """Returns the token of an id; a piece of a character, as bpe may have it, as a replacement character."""
        if self.kind == "bpe" and token_id not in (self.unk_id, self.eos_id):
            return self._backend.decode([token_id])
        return cast(str, self._backend.id_to_token(token_id))

    def decode(self, ids: Iterable[int]) -> str:
        """Returns text for people to read, a blank line for `<eos>`.

        Characters and bpe give back the very text; words get spaces as in print, and quotation marks open and close in
        turn within a paragraph.
        """
        parts: list[list[int]] = [[]]
        for token_id in ids:
            if token_id == self.eos_id:
                parts.append([])
            else:
                parts[-1].append(token_id)
        return "\n\n".join(map(self._decode_paragraph, parts)).strip()

    def _decode_paragraph(self, ids: Sequence[int]) -> str:
        return self._backend.decode(ids) if self.kind == "bpe" else self.join(list(map(self.token, ids)))

    def join(self, tokens: Sequence[str]) -> str:
        """Returns one paragraph of text that `tokens` make, as `decode` does; those of bpe are whole characters."""
        if self.kind == "word":
            return join_tokens(tokens)
        return (" " if self.kind == "whitespace" else "").join(tokens)


def _kind(backend: Tokenizer) -> str:
    """Returns the kind that the parts of a tokenizer.json make."""
    if isinstance(backend.model, models.BPE):
        return "bpe"
    if isinstance(backend.pre_tokenizer, pre_tokenizers.WhitespaceSplit):
        return "whitespace"
    return "char" if isinstance(backend.decoder, decoders.Fuse) else "word"


def _remade(saved: Any) -> Tokenizer:
    """Returns the tokenizer that the content of a tokenizer.json stands for.

    Raises:
        ValueError: It is of no kind that halo writes, or its ids are not those of a vocabulary.
        Exception: Whatever the library says of merges that do not fit the vocabulary.
    """
    vocabulary = saved["model"]["vocab"]
    ids = vocabulary.values()
    if not all(type(token_id) is int for token_id in ids) or sorted(ids) != list(range(len(vocabulary))):
        raise ValueError("the ids of its vocabulary are not 0, 1, 2, ...")
    for kind in KINDS:
        empty = _empty(kind, {UNK: 0}, [])
        if _agree(saved, json.loads(empty.to_str())):
            merges = [each.split(" ") if isinstance(each, str) else each for each in saved["model"].get("merges", [])]
            return _empty(kind, vocabulary, [(first, second) for first, second in merges])
    raise ValueError("it divides texts in another way than any of the kinds of halo")


def _agree(saved: Any, ours: Any) -> bool:
    """Whether what both say of a tokenizer, apart from its vocabulary, is the same.

    Versions of the library differ in what they write down of what halo leaves as it is; `_DECIDING` they all do.
    """
    if not isinstance(saved, dict) or not isinstance(ours, dict):
        return bool(saved == ours)
    if not {*ours} & _DECIDING <= {*saved}:
        return False
    return all(_agree(saved[key], ours[key]) for key in {*saved} & {*ours} - _OF_A_VOCABULARY)


def _empty(kind: str, vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """Returns the tokenizer of a kind with the vocabulary that is given."""
    if kind == "bpe":
        backend = Tokenizer(models.BPE(vocabulary, merges))
        # Its regular expression parts marks from letters, so that no pair is ever joined to "<unk>" or "<eos>".
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        return backend
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=UNK))
    backend.pre_tokenizer = _pre_tokenizer(kind)
    if kind == "char":
        backend.decoder = decoders.Fuse()
    return backend


def _pre_tokenizer(kind: str) -> pre_tokenizers.PreTokenizer:
    if kind == "whitespace":
        return pre_tokenizers.WhitespaceSplit()
    if kind == "char":
        return pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    return pre_tokenizers.Split(Regex(TOKEN_PATTERN), behavior="removed", invert=True)


def word_cutter(kind: str) -> Callable[[str], list[str]]:
    """Returns what cuts a word, a stretch between white space, into tokens that make it up.

    For characters and bpe these are those of kind `word`, which are few enough to be counted.
    """
    if kind == "whitespace":
        return lambda word: [word]
    pattern = _pre_tokenizer("word").pre_tokenize_str

    def cut(word: str) -> list[str]:
        # Most words need no pattern, which takes ten times as long.
        if word.isascii():
            if word.isalnum():
                return [word]
            if word[-1] in ".,;:?!" and word[:-1].isalnum():
                return [word[:-1], word[-1]]
        return [token for token, _ in pattern(word)]

    return cut


def _train_bpe(texts: Iterable[str], *, min_count: int, max_size: int) -> Tokenizer:
    backend = _empty("bpe", {}, [])
    trainer = trainers.BpeTrainer(
        vocab_size=max_size - 2,
        min_frequency=min_count,
        special_tokens=[],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    learned = json.loads(backend.to_str())["model"]
    pieces = sorted(learned["vocab"], key=learned["vocab"].__getitem__)
    vocabulary = {token: token_id for token_id, token in enumerate([UNK, EOS, *pieces])}
    return _empty("bpe", vocabulary, [tuple(pair) for pair in learned["merges"]])

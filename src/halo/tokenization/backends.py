"""Backends of HuggingFace `tokenizers` for each kind, and the check of a tokenizer.json that may come from anybody.

Such a file could contain patterns that take forever and steps that fill the memory. So only its vocabulary and merges
are used; the rest must be what one of the kinds has there, and is created anew.
"""

import json
from collections.abc import Iterable
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from halo.tokenization.token_rules import pre_tokenizer

UNK = "<unk>"
EOS = "<eos>"
KINDS = ("word", "whitespace", "char", "bpe", "kmer")
MAX_KMER_LENGTH = 16
"""Of a tokenizer.json that may come from anybody."""

_REQUIRED_KEYS = {
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
_VOCABULARY_KEYS = {"version", "added_tokens", "vocab", "merges"}


def make_backend(
    kind: str, vocabulary: dict[str, int], merges: list[tuple[str, str]], *, any_placeholder: bool = False
) -> Tokenizer:
    """Returns the backend of a kind with the given vocabulary.

    Args:
        kind: One of `KINDS`.
        vocabulary: The id of each token. The longest one of kind `kmer` says how many characters a token has.
        merges: The pairs that bpe joins, in order; empty for the other kinds.
        any_placeholder: Whether words in angle brackets are tokens of kind `word`, whatever their name.
    """
    if kind == "bpe":
        backend = Tokenizer(models.BPE(vocabulary, merges))
        # Its regular expression separates marks from letters, so that no pair is ever merged into "<unk>" or "<eos>".
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        return backend
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=UNK))
    if kind == "kmer":
        backend.pre_tokenizer = pre_tokenizer(kind, kmer_length=_kmer_length(vocabulary))
        backend.decoder = decoders.Sequence([decoders.Fuse()])  # `kind_of` tells the two kinds by it
        return backend
    backend.pre_tokenizer = pre_tokenizer(kind, any_placeholder=any_placeholder)
    if kind == "char":
        backend.decoder = decoders.Fuse()
    return backend


def _kmer_length(vocabulary: dict[str, int]) -> int:
    return min(max((len(token) for token in vocabulary if token not in (UNK, EOS)), default=1), MAX_KMER_LENGTH)


def train_bpe(texts: Iterable[str], *, min_count: int, max_size: int) -> Tokenizer:
    """Returns a byte-level BPE backend trained on `texts`.

    Args:
        texts: The training texts.
        min_count: Pairs that occur less often are not merged.
        max_size: The maximum size of the vocabulary, including `<unk>` and `<eos>`.
    """
    backend = make_backend("bpe", {}, [])
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
    return make_backend("bpe", vocabulary, [tuple(pair) for pair in learned["merges"]])


def kind_of(backend: Tokenizer) -> str:
    """Returns the kind of a backend, recognised by its parts."""
    if isinstance(backend.model, models.BPE):
        return "bpe"
    if isinstance(backend.pre_tokenizer, pre_tokenizers.WhitespaceSplit):
        return "whitespace"
    if isinstance(backend.decoder, decoders.Sequence):
        return "kmer"
    return "char" if isinstance(backend.decoder, decoders.Fuse) else "word"


def rebuild_backend(saved: Any) -> Tokenizer:
    """Returns a new backend with the kind, vocabulary and merges of a parsed tokenizer.json.

    Raises:
        ValueError: The file is of no kind that halo writes, or its ids are not those of a vocabulary.
        Exception: Whatever the library raises if merges do not match the vocabulary.
    """
    vocabulary = saved["model"]["vocab"]
    ids = vocabulary.values()
    if not all(type(token_id) is int for token_id in ids) or sorted(ids) != list(range(len(vocabulary))):
        raise ValueError("the ids of its vocabulary are not 0, 1, 2, ...")
    for kind, any_placeholder in (*((kind, False) for kind in KINDS), ("word", True)):
        small = vocabulary if kind == "kmer" else {UNK: 0}
        if _matches(saved, json.loads(make_backend(kind, small, [], any_placeholder=any_placeholder).to_str())):
            listed = [each.split(" ") if isinstance(each, str) else each for each in saved["model"].get("merges", [])]
            merges = [(first, second) for first, second in listed]
            return make_backend(kind, vocabulary, merges, any_placeholder=any_placeholder)
    raise ValueError("it splits texts differently from any of halo's kinds")


def _matches(saved: Any, ours: Any) -> bool:
    """Returns whether two parsed tokenizer.json agree apart from the vocabulary.

    Versions of the library differ in which default values they write; they all write `_REQUIRED_KEYS`.
    """
    if not isinstance(saved, dict) or not isinstance(ours, dict):
        return bool(saved == ours)
    if not {*ours} & _REQUIRED_KEYS <= {*saved}:
        return False
    return all(_matches(saved[key], ours[key]) for key in {*saved} & {*ours} - _VOCABULARY_KEYS)

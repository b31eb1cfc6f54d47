"""The sequences of a prepared genome: codes for counting, and pieces for scoring."""

from itertools import pairwise

import numpy as np

from halo.corpus.corpus import Corpus
from halo.genomics.bases import UNKNOWN, Codes, codes_of
from halo.genomics.pieces import Piece
from halo.tokenization.tokenizer import TokenIds

NO_BASE = 255


def training_codes(corpus: Corpus) -> list[Codes]:
    """Returns the training regions as codes of bases.

    The reverse complements are among them if the model was trained on both strands, so that both models count alike.
    """
    tokenizer = corpus.tokenizer
    tokens = ["" if token_id == tokenizer.eos_id else token for token_id, token in enumerate(tokenizer.words())]
    length = max(map(len, (token for token_id, token in enumerate(tokens) if token_id != tokenizer.unk_id)), default=1)
    tokens[tokenizer.unk_id] = "N" * length
    codes_VK = np.full((len(tokens), length), NO_BASE, dtype=np.uint8)
    for token_id, token in enumerate(tokens):
        codes_VK[token_id, : len(token)] = codes_of(token)
    return [(codes := codes_VK[np.asarray(ids)].reshape(-1))[codes != NO_BASE] for ids in _documents(corpus, "train")]


def split_pieces(corpus: Corpus, split: str) -> list[Piece]:
    """Returns the regions of a held-out split, each by itself; those without a base are left out.

    Args:
        corpus: The genome.
        split: `validation` or `test`.
    """
    pieces = [Piece("", sequence, "") for sequence in split_sequences(corpus, split)]
    return [piece for piece in pieces if (codes_of(piece.sequence) != UNKNOWN).any()]


def split_sequences(corpus: Corpus, split: str) -> list[str]:
    """Returns the sequence of each region of a split, with N for what the vocabulary lacks."""
    tokenizer = corpus.tokenizer
    words = tokenizer.words()
    length = max(
        len(word) for token_id, word in enumerate(words) if token_id not in (tokenizer.unk_id, tokenizer.eos_id)
    )
    words[tokenizer.unk_id], words[tokenizer.eos_id] = "N" * length, ""
    return ["".join(map(words.__getitem__, ids.tolist())) for ids in _documents(corpus, split)]


def _documents(corpus: Corpus, split: str) -> list[TokenIds]:
    offsets, ids = corpus.offsets[split], corpus.ids[split]
    return [np.asarray(ids[begin:end]) for begin, end in pairwise(offsets.tolist())]

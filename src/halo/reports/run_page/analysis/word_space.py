"""The words of a corpus as the model sees them: content words, their nearest neighbours, and a map of them.

Shape letters: N tokens of the training text, V words of the vocabulary, K parts of the text, W chosen words, D
features.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch import nn

from halo.models.language_model import LanguageModel
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

CANDIDATES = 500
"""The most frequent words, among which content words are looked for."""
BUNCHED_SHARE = 0.25
"""The share of these that counts as content words: those whose occurrences are bunched together most."""
PARTS = 64
"""Equal parts of the training text, over which the occurrences of a word are counted."""
MIN_COUNT = 5
MIN_MAPPED = 8
MAX_COUNTED = 4_000_000
"""Tokens of the training text that are counted, in evenly spaced pieces."""

Vectors = npt.NDArray[np.float32]


class Neighbour(NamedTuple):
    """A word and how near it is: the cosine of the angle between the vectors."""

    word: str
    similarity: float


class MappedWord(NamedTuple):
    """A word on the map, at its first two principal components."""

    word: str
    x: float
    y: float


class WordMap(NamedTuple):
    """The positions of words in the plane in which they differ most.

    Attributes:
        words: The words, the most frequent first.
        explained: The share of the variance of their vectors that the plane shows.
    """

    words: list[MappedWord]
    explained: float


def word_vectors(model: LanguageModel, vocab_size: int) -> Vectors | None:
    """Returns the input vector of each word, shape (V, D), of an ensemble those of its first member.

    Args:
        model: The model.
        vocab_size: The size of its vocabulary, V.

    Returns:
        The vectors; None where the model has no table of them.
    """
    for module in model.modules():
        if isinstance(module, nn.Embedding) and module.num_embeddings == vocab_size:
            vectors_VD: Vectors = module.weight.detach().float().cpu().numpy()
            return vectors_VD if np.isfinite(vectors_VD).all() else None
    return None


def content_words(train_ids: TokenIds, tokenizer: TextTokenizer) -> list[int]:
    """Returns the ids of the frequent content words of a text, the most frequent first, in any language.

    Words that carry the topic come in bunches, grammatical words everywhere. For each of the 500 most frequent words
    that consist of letters, the entropy of its distribution over 64 equal parts of the text is compared with that of an
    even one (after Montemurro and Zanette 2010, Towards the quantification of the semantic information encoded in
    written language): the quarter with the largest difference per occurrence, beyond what chance gives, are taken.

    Args:
        train_ids: The training text, shape (N,).
        tokenizer: The vocabulary.
    """
    counts_VK = _counts_by_part(train_ids, tokenizer.vocab_size)
    counts_V = counts_VK.sum(axis=1)
    frequent = np.argsort(-counts_V, kind="stable")
    candidates: list[int] = []
    for token_id in frequent.tolist():
        if counts_V[token_id] < MIN_COUNT or len(candidates) == CANDIDATES:
            break
        if token_id not in (tokenizer.unk_id, tokenizer.eos_id) and _is_word(tokenizer.token(token_id), tokenizer.kind):
            candidates.append(token_id)
    if not candidates:
        return []
    bunching_W = _bunching(counts_VK[candidates])
    limit = np.quantile(bunching_W, 1 - BUNCHED_SHARE)
    return [token_id for token_id, each in zip(candidates, bunching_W, strict=True) if each >= limit]


def _counts_by_part(ids: TokenIds, vocab_size: int) -> npt.NDArray[np.int64]:
    size = min(len(ids), MAX_COUNTED) // PARTS
    if not size:
        return np.bincount(np.asarray(ids, dtype=np.int64), minlength=vocab_size)[:, None]
    starts = np.arange(PARTS) * len(ids) // PARTS
    parts = [
        np.bincount(np.asarray(ids[start : start + size], dtype=np.int64), minlength=vocab_size) for start in starts
    ]
    return np.stack(parts, axis=1)


def _bunching(counts_WK: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Returns how far the distribution of each word over the parts is from an even one, in nats per occurrence."""
    counts_W, parts = counts_WK.sum(axis=1), counts_WK.shape[1]
    shares_WK = counts_WK / counts_W[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy_W = -np.where(counts_WK > 0, shares_WK * np.log(shares_WK), 0.0).sum(axis=1)
    by_chance_W = (parts - 1) / (2 * counts_W)  # the bias of the entropy of a sample (Miller 1955)
    difference_W: npt.NDArray[np.float64] = np.log(parts) - entropy_W - by_chance_W
    return difference_W


def _is_word(token: str, kind: str) -> bool:
    """Returns whether a token consists of letters; a subword has to begin a word, and to have three letters or more."""
    if kind == "bpe":
        if not token.startswith(" ") or len(token) < 4:
            return False
        token = token[1:]
    return bool(token) and all(unicodedata.category(each)[0] in "LM" or each == "-" for each in token)


def nearest(
    vectors_VD: Vectors, token_id: int, tokenizer: TextTokenizer, *, number: int, known: int
) -> list[Neighbour]:
    """Returns the words whose vectors point into the most similar direction, the most similar first.

    Args:
        vectors_VD: The word vectors.
        token_id: The word.
        tokenizer: The vocabulary.
        number: The number of neighbours.
        known: Only the words with smaller ids, the more frequent ones, are compared.
    """
    own_D = vectors_VD[token_id]
    norms_V = np.linalg.norm(vectors_VD[:known], axis=1)
    similarity_V = vectors_VD[:known] @ own_D / np.maximum(norms_V * np.linalg.norm(own_D), 1e-12)
    order = np.argsort(-similarity_V, kind="stable")[: number + 3].tolist()
    skipped = (token_id, tokenizer.unk_id, tokenizer.eos_id)
    return [Neighbour(tokenizer.token(each), float(similarity_V[each])) for each in order if each not in skipped][
        :number
    ]


def map_words(vectors_VD: Vectors, token_ids: Sequence[int], tokenizer: TextTokenizer) -> WordMap | None:
    """Returns the first two principal components of the vectors of some words; None for fewer than eight words.

    Vectors are scaled to the same length first, as neighbours are found by their direction alone.

    Args:
        vectors_VD: The word vectors.
        token_ids: The words.
        tokenizer: The vocabulary.
    """
    if len(token_ids) < MIN_MAPPED:
        return None
    chosen_WD = vectors_VD[list(token_ids)].astype(np.float64)
    chosen_WD /= np.maximum(np.linalg.norm(chosen_WD, axis=1, keepdims=True), 1e-12)
    chosen_WD -= chosen_WD.mean(axis=0)
    left_WW, sizes_W, _ = np.linalg.svd(chosen_WD, full_matrices=False)
    variance = sizes_W**2
    if not variance.sum():
        return None
    places_W2 = left_WW[:, :2] * sizes_W[:2]
    if places_W2.shape[1] < 2:
        return None
    places_W2 *= np.where(places_W2[0] < 0, -1, 1)  # the sign of a component is arbitrary; this makes it reproducible
    words = [
        MappedWord(tokenizer.token(each), *place) for each, place in zip(token_ids, places_W2.tolist(), strict=True)
    ]
    return WordMap(words, float(variance[:2].sum() / variance.sum()))

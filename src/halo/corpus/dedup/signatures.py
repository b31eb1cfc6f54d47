"""What documents and paragraphs are compared by: digests and MinHash signatures, made while the text is at hand."""

from typing import NamedTuple

import numpy as np

from halo.config import DuplicatesConfig
from halo.corpus.dedup.shingles import (
    Counts,
    Hashes,
    Keys,
    band_keys,
    digest,
    minhash,
    num_bands,
    shingle_hashes,
    shingles_inside,
)


class Signatures(NamedTuple):
    """Of a batch of documents, one after another.

    Attributes:
        num_paragraphs: Of each document.
        words: Of each document.
        digests: Of each document, for exact comparison.
        minhash: Of each document, shape (documents, 3 * bands); without rows where documents are not compared.
        document: For each long paragraph the index of its document in the batch.
        place: Its position there, from 0.
        paragraph_words: Its words.
        paragraph_digests: Its digest.
        paragraph_keys: Its band keys, shape (long paragraphs, bands).
    """

    num_paragraphs: Counts
    words: Counts
    digests: list[bytes]
    minhash: Keys
    document: Counts
    place: Counts
    paragraph_words: Counts
    paragraph_digests: list[bytes]
    paragraph_keys: Keys


def sign(words: Hashes, paragraph_words: Counts, num_paragraphs: Counts, config: DuplicatesConfig) -> Signatures:
    """Returns the signatures of documents.

    Args:
        words: The hashes of the words of all of them.
        paragraph_words: How many of these each paragraph has.
        num_paragraphs: How many paragraphs each document has.
        config: What is compared.
    """
    bands = num_bands(config.similarity)
    document = np.repeat(np.arange(len(num_paragraphs)), num_paragraphs)
    document_words = np.bincount(document, paragraph_words, len(num_paragraphs)).astype(np.int64)
    shingles = shingle_hashes(words)
    signatures = np.zeros((0, 3 * bands), dtype=np.uint32)
    if config.documents:
        everywhere = np.full(len(document_words), True)
        signatures = minhash(shingles_inside(shingles, document_words, everywhere), document_words, bands=bands)
    is_long = (paragraph_words >= config.min_paragraph_words) & config.paragraphs
    long_words = paragraph_words[is_long]
    keys = band_keys(minhash(shingles_inside(shingles, paragraph_words, is_long), long_words, bands=bands))
    first_paragraph = np.cumsum(num_paragraphs) - num_paragraphs
    place = np.arange(len(paragraph_words)) - np.repeat(first_paragraph, num_paragraphs)
    return Signatures(
        num_paragraphs=num_paragraphs,
        words=document_words,
        digests=_digests(words, document_words, np.full(len(document_words), True)),
        minhash=signatures,
        document=document[is_long],
        place=place[is_long],
        paragraph_words=long_words,
        paragraph_digests=_digests(words, paragraph_words, is_long),
        paragraph_keys=keys,
    )


def _digests(words: Hashes, lengths: Counts, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[bytes]:
    ends = np.cumsum(lengths)
    begins = ends - lengths
    return [digest(words[begin:end]) for begin, end in zip(begins[chosen].tolist(), ends[chosen].tolist(), strict=True)]

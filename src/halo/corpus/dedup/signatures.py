"""Digests and MinHash signatures of a batch of documents and their paragraphs, computed where the batch is cleaned."""

from typing import NamedTuple

import numpy as np

from halo.config import DuplicatesConfig
from halo.corpus.dedup.minhash import BAND_ROWS, BandKeys, MinHashes, band_keys, minhash, num_bands
from halo.corpus.dedup.shingles import WordHashes, digest, shingle_hashes, shingles_within
from halo.runtime.array_types import BoolArray, IntArray


class BatchSignatures(NamedTuple):
    """Digests and signatures of a batch of documents, and of their paragraphs that are long enough to be compared.

    Attributes:
        num_paragraphs: Number of paragraphs of each document, short ones included.
        document_words: Number of words of each document.
        document_digests: Digest of each document, for exact comparison.
        document_minhashes: Shape (documents, 3 * bands); no rows where documents are not compared.
        paragraph_document: For each long paragraph the index of its document in the batch.
        paragraph_position: Its position in that document, from 0.
        paragraph_words: Its number of words.
        paragraph_digests: Its digest.
        paragraph_keys: Its band keys, shape (long paragraphs, bands).
    """

    num_paragraphs: IntArray
    document_words: IntArray
    document_digests: list[bytes]
    document_minhashes: MinHashes
    paragraph_document: IntArray
    paragraph_position: IntArray
    paragraph_words: IntArray
    paragraph_digests: list[bytes]
    paragraph_keys: BandKeys


def compute_signatures(
    words: WordHashes, paragraph_words: IntArray, num_paragraphs: IntArray, config: DuplicatesConfig
) -> BatchSignatures:
    """Returns the digests and signatures of a batch of documents.

    Args:
        words: The hashes of the words of all documents, one document after another.
        paragraph_words: Number of words of each paragraph.
        num_paragraphs: Number of paragraphs of each document.
        config: Which passages are compared, and from which similarity they count as duplicates.
    """
    bands = num_bands(config.similarity)
    document = np.repeat(np.arange(len(num_paragraphs)), num_paragraphs)
    document_words = np.bincount(document, paragraph_words, len(num_paragraphs)).astype(np.int64)
    all_documents = np.full(len(document_words), True)
    shingles = shingle_hashes(words)
    minhashes = np.zeros((0, BAND_ROWS * bands), dtype=np.uint32)
    if config.documents:
        minhashes = minhash(shingles_within(shingles, document_words, all_documents), document_words, bands=bands)
    is_long = (paragraph_words >= config.min_paragraph_words) & config.paragraphs
    long_words = paragraph_words[is_long]
    keys = band_keys(minhash(shingles_within(shingles, paragraph_words, is_long), long_words, bands=bands))
    first_paragraph = np.cumsum(num_paragraphs) - num_paragraphs
    position = np.arange(len(paragraph_words)) - np.repeat(first_paragraph, num_paragraphs)
    return BatchSignatures(
        num_paragraphs=num_paragraphs,
        document_words=document_words,
        document_digests=_digests(words, document_words, all_documents),
        document_minhashes=minhashes,
        paragraph_document=document[is_long],
        paragraph_position=position[is_long],
        paragraph_words=long_words,
        paragraph_digests=_digests(words, paragraph_words, is_long),
        paragraph_keys=keys,
    )


def _digests(words: WordHashes, num_words: IntArray, chosen: BoolArray) -> list[bytes]:
    """Returns the digests of the chosen passages among those that `words` consists of."""
    ends = np.cumsum(num_words)
    begins = ends - num_words
    return [digest(words[begin:end]) for begin, end in zip(begins[chosen].tolist(), ends[chosen].tolist(), strict=True)]

"""Digests and MinHash signatures of a batch of documents and their paragraphs, computed where the batch is cleaned."""

from typing import NamedTuple

import numpy as np

from halo.config import DuplicatesConfig
from halo.corpus.dedup.minhash import BAND_ROWS, BandKeys, MinHashes, band_keys, minhash, num_bands
from halo.corpus.dedup.shingles import UnitHashes, digest, shingle_hashes, shingles_within
from halo.runtime.array_types import BoolArray, IntArray


class BatchSignatures(NamedTuple):
    """Digests and signatures of a batch of documents, and of their paragraphs that are long enough to be compared.

    Attributes:
        num_paragraphs: Number of paragraphs of each document, short ones included.
        document_units: Number of units of each document.
        document_digests: Digest of each document, for exact comparison.
        document_minhashes: Shape (documents, 3 * bands); no rows where documents are not compared.
        paragraph_document: For each long paragraph the index of its document in the batch.
        paragraph_position: Its position in that document, from 0.
        paragraph_units: Its number of units.
        paragraph_digests: Its digest.
        paragraph_keys: Its band keys, shape (long paragraphs, bands).
    """

    num_paragraphs: IntArray
    document_units: IntArray
    document_digests: list[bytes]
    document_minhashes: MinHashes
    paragraph_document: IntArray
    paragraph_position: IntArray
    paragraph_units: IntArray
    paragraph_digests: list[bytes]
    paragraph_keys: BandKeys


def compute_signatures(
    units: UnitHashes, paragraph_units: IntArray, num_paragraphs: IntArray, config: DuplicatesConfig
) -> BatchSignatures:
    """Returns the digests and signatures of a batch of documents.

    Args:
        units: The hashes of the units of all documents, one document after another.
        paragraph_units: Number of units of each paragraph.
        num_paragraphs: Number of paragraphs of each document.
        config: Which passages are compared, and from which similarity they count as duplicates.
    """
    bands = num_bands(config.similarity)
    document = np.repeat(np.arange(len(num_paragraphs)), num_paragraphs)
    document_units = np.bincount(document, paragraph_units, len(num_paragraphs)).astype(np.int64)
    all_documents = np.full(len(document_units), True)
    shingles = shingle_hashes(units)
    minhashes = np.zeros((0, BAND_ROWS * bands), dtype=np.uint32)
    if config.documents:
        minhashes = minhash(shingles_within(shingles, document_units, all_documents), document_units, bands=bands)
    is_long = (paragraph_units >= config.min_paragraph_words) & config.paragraphs
    long_units = paragraph_units[is_long]
    keys = band_keys(minhash(shingles_within(shingles, paragraph_units, is_long), long_units, bands=bands))
    first_paragraph = np.cumsum(num_paragraphs) - num_paragraphs
    position = np.arange(len(paragraph_units)) - np.repeat(first_paragraph, num_paragraphs)
    return BatchSignatures(
        num_paragraphs=num_paragraphs,
        document_units=document_units,
        document_digests=_digests(units, document_units, all_documents),
        document_minhashes=minhashes,
        paragraph_document=document[is_long],
        paragraph_position=position[is_long],
        paragraph_units=long_units,
        paragraph_digests=_digests(units, paragraph_units, is_long),
        paragraph_keys=keys,
    )


def _digests(units: UnitHashes, num_units: IntArray, chosen: BoolArray) -> list[bytes]:
    """Returns the digests of the chosen passages among those that `units` consists of."""
    ends = np.cumsum(num_units)
    begins = ends - num_units
    return [digest(units[begin:end]) for begin, end in zip(begins[chosen].tolist(), ends[chosen].tolist(), strict=True)]

"""Signatures of a batch: of documents and of the paragraphs that are long enough."""

from dataclasses import replace

import numpy as np
import pytest

from halo.config import DuplicatesConfig
from halo.corpus.dedup.minhash import BAND_ROWS, num_bands
from halo.corpus.dedup.shingles import digest, unit_hashes
from halo.corpus.dedup.signatures import BatchSignatures, compute_signatures

CONFIG = DuplicatesConfig(documents=True, paragraphs=True, similarity=0.8, min_paragraph_words=20)
LONG, SHORT = " ".join(f"w{i}" for i in range(25)), "a short paragraph"


def signatures(config: DuplicatesConfig) -> BatchSignatures:
    """Returns those of a document of a short and a long paragraph, an empty one, and one of a long paragraph."""
    words = unit_hashes(f"{SHORT} {LONG} {LONG}")
    return compute_signatures(words, np.array([3, 25, 25]), np.array([2, 0, 1]), config)


def test_long_paragraphs_are_located_in_their_documents() -> None:
    found = signatures(CONFIG)
    assert found.document_units.tolist() == [28, 0, 25]
    assert found.paragraph_document.tolist() == [0, 2]
    assert found.paragraph_position.tolist() == [1, 0]
    assert found.paragraph_units.tolist() == [25, 25]
    assert found.paragraph_digests == [digest(unit_hashes(LONG))] * 2
    assert (found.paragraph_keys[0] == found.paragraph_keys[1]).all()
    assert found.document_digests[2] == digest(unit_hashes(LONG))
    assert found.document_minhashes.shape == (3, BAND_ROWS * num_bands(0.8))


@pytest.mark.parametrize("unit", ["documents", "paragraphs"])
def test_what_is_not_compared_has_no_signatures(unit: str) -> None:
    found = signatures(replace(CONFIG, documents=unit != "documents", paragraphs=unit != "paragraphs"))
    assert len(found.document_minhashes) == (0 if unit == "documents" else 3)
    assert len(found.paragraph_keys) == len(found.paragraph_units) == (0 if unit == "paragraphs" else 2)

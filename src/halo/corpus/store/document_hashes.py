"""Hashes of raw documents, which order documents independently of file names and of the order of reading."""

import hashlib

import numpy as np
import numpy.typing as npt

HASH_BYTES = 32

DocumentHashes = npt.NDArray[np.bytes_]


def content_hash(text: str, seed: int) -> bytes:
    """Returns the hash by which documents are ordered: SHA-256 of the seed and the raw text."""
    return hashlib.sha256(f"{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()


def combine_hashes(first: bytes, second: bytes) -> bytes:
    """Returns the hash of a text that was read in two pieces, every bit of which depends on both hashes."""
    return hashlib.sha256(first + second).digest()

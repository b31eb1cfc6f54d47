"""Token ids of a few documents in memory, for texts that are scored without being prepared."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from halo.config import DataConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import lines_to_paragraphs, paragraphs
from halo.runtime.array_types import IntArray
from halo.tokenization.tokenizer import TextTokenizer, TokenIds


class EncodedDocuments(NamedTuple):
    """Token ids of documents, one document after another.

    Attributes:
        ids: Token ids, shape (num_tokens,).
        offsets: Index of the first token of each document, and the number of tokens, shape (documents + 1,).
    """

    ids: TokenIds
    offsets: IntArray


def clean_document(text: str, config: DataConfig) -> str:
    """Returns a document cleaned as the training text was, with each line as a paragraph if `<eos>` follows lines."""
    return clean(lines_to_paragraphs(text) if config.tokenizer.eos == "line" else text, config.cleaning)


def encode_documents(texts: Sequence[str], tokenizer: TextTokenizer, config: DataConfig) -> EncodedDocuments:
    """Returns the token ids of cleaned documents, with `<eos>` as `config.tokenizer.eos` specifies.

    An empty document gets no `<eos>` either, unless `config.documents` is `every_line`.
    """
    blank = [""] if config.documents == "every_line" else []
    documents = [paragraphs(text) or blank for text in texts]
    encoded = iter(tokenizer.encode_batch(list(itertools.chain.from_iterable(documents))))
    ids: list[int] = []
    offsets = [0]
    for document in documents:
        for number, _ in enumerate(document, start=1):
            ids += next(encoded)
            if config.tokenizer.eos != "document" or number == len(document):
                ids.append(tokenizer.eos_id)
        offsets.append(len(ids))
    return EncodedDocuments(np.array(ids, dtype=np.uint32), np.array(offsets, dtype=np.int64))

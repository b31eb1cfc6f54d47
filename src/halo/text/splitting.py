"""Documents -> train, validation and test, no document in two of them."""

import hashlib
import logging
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from halo.config import SplitConfig
from halo.errors import InputError
from halo.text.cleaning import paragraphs
from halo.text.sources import Document

SPLITS = ("train", "validation", "test")
log = logging.getLogger(__name__)


def split_documents(documents: Sequence[Document], config: SplitConfig) -> dict[str, list[Document]]:
    """Returns the documents of each split.

    Within each label, documents are ordered by a hash of the seed and their content, and the order is cut: test first,
    then validation, the rest is training. So the place of a document depends on its content and on how many
    documents there are, not on file names or on the order of reading, and a document that is added moves others only
    across the cuts that it shifts. Each label is cut in proportion, to the nearest whole document, and the totals are
    exact.

    Fewer than three documents cannot be divided: then each is cut into three contiguous parts at paragraph ends.

    Documents that were given for a split go there, all of them, in their order.

    Raises:
        InputError: The text cannot be divided in three.
    """
    if any(document.split for document in documents):
        given = {name: [document for document in documents if document.split == name] for name in SPLITS}
        assert sum(map(len, given.values())) == len(documents), "documents with and without a split of their own"
        return given
    if len(documents) < len(SPLITS):
        return _split_inside_documents(documents, config)
    by_label: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_label[document.label].append(document)
    for group in by_label.values():
        group.sort(key=lambda document: content_hash(document, config.seed))
    sizes = {label: len(group) for label, group in by_label.items()}
    num_test = apportion(sizes, config.test)
    remaining = {label: size - num_test[label] for label, size in sizes.items()}
    num_validation = apportion(remaining, config.validation / (config.train + config.validation))
    splits: dict[str, list[Document]] = {name: [] for name in SPLITS}
    for label in sorted(by_label):
        first, second = num_test[label], num_test[label] + num_validation[label]
        splits["test"] += by_label[label][:first]
        splits["validation"] += by_label[label][first:second]
        splits["train"] += by_label[label][second:]
    return splits


def content_hash(document: Document, seed: int) -> str:
    """Returns the hash that orders documents: SHA-256 of the seed and the text."""
    return hashlib.sha256(f"{seed}\n{document.text}".encode()).hexdigest()


def apportion(sizes: dict[str, int], fraction: float) -> dict[str, int]:
    """Returns how many members of each group to take, by the method of the largest remainder.

    The total is `fraction` of all members, rounded, but at least one and not all; each group gives its exact share
    rounded down, and the groups with the largest remainders one more.

    >>> apportion({"forum": 20, "news": 24}, 0.1)
    {'forum': 2, 'news': 2}
    >>> apportion({"a": 1, "b": 1, "c": 1, "d": 1}, 0.5)
    {'a': 1, 'b': 1, 'c': 0, 'd': 0}
    """
    size = sum(sizes.values())
    total = min(max(round(size * fraction), 1), size - 1)
    # Rounding shields the floor against fractions such as 0.2 / 0.8 that fall just short of their decimal value.
    shares = {label: round(group_size * total / size, 9) for label, group_size in sizes.items()}
    counts = {label: math.floor(share) for label, share in shares.items()}
    by_remainder = sorted(shares, key=lambda label: (counts[label] - shares[label], label))
    for label in by_remainder[: total - sum(counts.values())]:
        counts[label] += 1
    return counts


def _split_inside_documents(documents: Sequence[Document], config: SplitConfig) -> dict[str, list[Document]]:
    splits: dict[str, list[Document]] = {name: [] for name in SPLITS}
    for document in documents:
        pieces = paragraphs(document.text)
        if len(pieces) < len(SPLITS):
            pieces = [line for line in document.text.splitlines() if line.strip()]
        if len(pieces) < len(SPLITS):
            raise InputError(
                f"{document.source}: one document of {len(pieces)} paragraph(s) cannot be divided into "
                "train, validation and test; give more documents, or separate paragraphs with blank lines"
            )
        log.info("%s: too few documents to divide; cut into contiguous parts at paragraph ends", document.source)
        for name, part in zip(SPLITS, _cut(pieces, config), strict=True):
            splits[name].append(replace(document, text="\n\n".join(part)))
    return splits


def _cut(pieces: list[str], config: SplitConfig) -> tuple[list[str], list[str], list[str]]:
    """Cuts at the paragraph ends that are nearest to the fractions of the words, each part with one or more."""
    ends: list[int] = []
    words = 0
    for piece in pieces:
        words += len(piece.split())
        ends.append(words)
    targets = (config.train * words, (config.train + config.validation) * words)
    first = min(range(1, len(pieces) - 1), key=lambda cut: abs(ends[cut - 1] - targets[0]))
    second = min(range(first + 1, len(pieces)), key=lambda cut: abs(ends[cut - 1] - targets[1]))
    return pieces[:first], pieces[first:second], pieces[second:]

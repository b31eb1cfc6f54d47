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


def split_documents(
    documents: Sequence[Document], config: SplitConfig, *, texts: Sequence[str] | None = None
) -> dict[str, list[Document]]:
    """Returns the documents of each split.

    The place of a document depends on its label, its content and how many documents there are, not on file names or on
    the order of reading; see `assign`. Fewer than three documents cannot be divided: then each is cut into three
    contiguous parts at paragraph ends.

    Args:
        documents: The documents as they were read: their places do not change with what was cleaned or dropped.
        config: Fractions and seed.
        texts: What the splits are to hold of each document, where that is not its own text.

    Documents that were given for a split go there, all of them, in their order.

    Raises:
        InputError: The text cannot be divided in three.
    """
    held = documents if texts is None else [replace(d, text=text) for d, text in zip(documents, texts, strict=True)]
    if any(document.split for document in documents):
        given = {name: [document for document in held if document.split == name] for name in SPLITS}
        assert sum(map(len, given.values())) == len(documents), "documents with and without a split of their own"
        return given
    if len(documents) < len(SPLITS):
        return _split_inside_documents(held, config)
    hashes = [content_hash(document, config.seed) for document in documents]
    names = assign([document.label for document in documents], hashes, config)
    splits: dict[str, list[Document]] = {name: [] for name in SPLITS}
    for index in sorted(range(len(documents)), key=lambda index: (documents[index].label, hashes[index])):
        splits[names[index]].append(held[index])
    return splits


def assign(labels: Sequence[str], hashes: Sequence[str], config: SplitConfig) -> list[str]:
    """Returns the split of each of three or more documents.

    Within each label, documents are ordered by their hashes. The orders of all labels are merged into one such that
    each label is spread evenly over the whole: the i-th of n documents of a label stands at (i + offset) / n, and the
    offset is a hash of the label. This one order is cut twice: test in front, the smaller of train and validation at
    the back, the larger in the middle. So

    - the totals are exact, and a label gives each cut its share of what stands before the cut, rounded up or down;
    - a document that is added shifts each cut by one place at most, for all labels together: the others keep their
      order, and its own label has the same number before a cut, or one more. So at most two old documents cross a
      cut, one of them of its own label, and at most four move in all. More than the new totals force they do only
      where the new one goes to one end and the other end grows.

    Rounding the shares of each label by itself (as with the largest remainders) would keep every label nearer to its
    share, but one more document anywhere changes all the remainders, and so could flip every label's last seat.
    """
    positions = _positions(labels, hashes, config.seed)
    order = sorted(range(len(labels)), key=lambda index: (positions[index], labels[index]))
    counts = split_sizes(len(labels), config)
    front = counts["test"]
    middle_name, back_name = ("train", "validation") if config.train >= config.validation else ("validation", "train")
    back = counts[back_name]
    names = [middle_name] * len(labels)
    for index in order[:front]:
        names[index] = "test"
    for index in order[len(order) - back :]:
        names[index] = back_name
    return names


def _positions(labels: Sequence[str], hashes: Sequence[str], seed: int) -> list[float]:
    """Returns for each document where it stands in the merged order, from 0 to 1."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        by_label[label].append(index)
    positions = [0.0] * len(labels)
    for label, group in by_label.items():
        digest = hashlib.sha256(f"{seed}\n{label}".encode()).digest()
        offset = int.from_bytes(digest[:4], "big") / 2**32
        for rank, index in enumerate(sorted(group, key=lambda index: hashes[index])):
            positions[index] = (rank + offset) / len(group)
    return positions


def content_hash(document: Document, seed: int) -> str:
    """Returns the hash that orders documents: SHA-256 of the seed and the text."""
    return hashlib.sha256(f"{seed}\n{document.text}".encode()).hexdigest()


def split_sizes(num_documents: int, config: SplitConfig) -> dict[str, int]:
    """Returns how many of three or more documents go into each split, at least one into each.

    One more document makes exactly one of the splits larger, and none smaller.

    >>> split_sizes(150, SplitConfig(train=0.8, validation=0.1, test=0.1, validation_ratio=None, seed=0))
    {'train': 120, 'validation': 15, 'test': 15}
    """
    test = _share(num_documents, config.test, at_most=num_documents - 2)
    rest = num_documents - test
    validation = _share(rest, config.validation / (config.train + config.validation), at_most=rest - 1)
    return {"train": rest - validation, "validation": validation, "test": test}


def _share(number: int, fraction: float, *, at_most: int) -> int:
    # The inner rounding shields against fractions such as 0.1 / 0.9 that fall just short of their decimal value; halves
    # go up, so that a larger number never has a smaller share.
    return min(max(math.floor(round(number * fraction, 9) + 0.5), 1), at_most)


def divisible(documents: Sequence[Document]) -> list[Document]:
    """Returns documents that are too few to divide with a paragraph for each line where they have too few paragraphs.

    It comes before cleaning, which joins lines. Three documents and more are returned as they are.
    """
    if len(documents) >= len(SPLITS):
        return list(documents)
    return [
        document
        if len(paragraphs(document.text)) >= len(SPLITS)
        else replace(document, text="\n\n".join(line for line in document.text.splitlines() if line.strip()))
        for document in documents
    ]


def _split_inside_documents(documents: Sequence[Document], config: SplitConfig) -> dict[str, list[Document]]:
    splits: dict[str, list[Document]] = {name: [] for name in SPLITS}
    for document in divisible(documents):
        pieces = paragraphs(document.text)
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

"""Names of things in the report, and which labels it shows."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from halo.corpus.store.statistics_file import LabelCounts

MAX_LABELS = 20
TOKEN_NOUNS = {
    "word": "words and punctuation marks",
    "whitespace": "words",
    "char": "characters",
    "bpe": "subwords",
    "kmer": "k-mers",
}
"""What tokens are called, by kind of tokenizer."""
UNITS = {
    "invalid": "characters",
    "control": "characters",
    "unicode": "words",
    "html": "tags",
    "hyphenation": "words",
    "typography": "characters",
    "urls": "addresses",
    "emails": "addresses",
    "ibans": "account numbers",
    "ids": "numbers",
    "ips": "addresses",
    "dates": "dates",
    "streets": "addresses",
    "postcodes": "postcodes",
    "<person>": "names",
    "<location>": "names",
    "<organisation>": "names",
    "phones": "numbers",
    "handles": "names",
    "special": "characters",
    "white_space": "characters",
    "case": "words",
    "numbers": "numbers",
}
"""What the count of each cleaning step is a number of, as in `CleaningCounts`."""


class ShownLabels(NamedTuple):
    """The labels that the report shows.

    Attributes:
        shown: The largest labels by number of tokens; empty where no document has a label.
        num_hidden: Number of labels that are not shown.
    """

    shown: list[str]
    num_hidden: int


def largest_labels(labels: Mapping[str, Mapping[str, LabelCounts]]) -> ShownLabels:
    """Returns the largest labels over all splits."""
    ordered = [label for label, _ in tokens_per_label(labels).most_common()]
    if ordered == [""]:
        return ShownLabels([], 0)
    return ShownLabels(ordered[:MAX_LABELS], max(len(ordered) - MAX_LABELS, 0))


def tokens_per_label(labels: Mapping[str, Mapping[str, LabelCounts]]) -> "Counter[str]":
    """Returns the number of tokens of each label over all splits."""
    tokens: Counter[str] = Counter()
    for split in labels.values():
        for label, counts in split.items():
            tokens[label] += counts.tokens
    return tokens


def label_name(label: str) -> str:
    """Returns a label, or a placeholder for documents without one.

    >>> label_name("")
    '(no label)'
    """
    return label or "(no label)"


def printed_token(token: str) -> str:
    """Returns a token with its spaces made visible.

    >>> printed_token(" the")
    '␣the'
    """
    return token.replace(" ", "␣")

"""What the parts of the report call things, and which labels they show."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from halo.corpus.store.statistics import LabelCounts

MAX_LABELS = 20
# What a token is, for each kind of tokenizer.
TOKENS = {"word": "words and marks", "whitespace": "words", "char": "characters", "bpe": "pieces of words"}
# What the counts of a step of cleaning count, as `clean_counted` says.
UNITS = {
    "invalid": "characters",
    "control": "characters",
    "unicode": "words",
    "html": "tags",
    "typography": "characters",
    "urls": "addresses",
    "emails": "addresses",
    "phones": "numbers",
    "handles": "names",
    "special": "characters",
    "white_space": "characters",
    "case": "words",
    "numbers": "numbers",
}


class Labels(NamedTuple):
    """The labels that are shown.

    Attributes:
        shown: The largest ones, by tokens; none where no document has a label.
        hidden: How many more there are.
    """

    shown: list[str]
    hidden: int


def largest_labels(labels: Mapping[str, Mapping[str, LabelCounts]]) -> Labels:
    """Returns the largest labels over all splits."""
    ordered = [label for label, _ in tokens_of_labels(labels).most_common()]
    if ordered == [""]:
        return Labels([], 0)
    return Labels(ordered[:MAX_LABELS], max(len(ordered) - MAX_LABELS, 0))


def tokens_of_labels(labels: Mapping[str, Mapping[str, LabelCounts]]) -> "Counter[str]":
    """Returns for each label its tokens, over all splits."""
    tokens: Counter[str] = Counter()
    for split in labels.values():
        for label, counts in split.items():
            tokens[label] += counts.tokens
    return tokens


def named(label: str) -> str:
    """Returns a label, or what stands in its place where a document has none."""
    return label or "(no label)"


def printed_token(token: str) -> str:
    """Returns a token with its spaces to be seen."""
    return token.replace(" ", "␣")

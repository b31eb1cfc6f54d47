"""Personal data in generated texts, and how much of it stands in the training text."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from halo.corpus.cleaning.personal_data import find_personal_data
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

TOKENS_AT_ONCE = 2**16
"""Tokens of the training text that are turned into text at a time."""

OVERLAP_TOKENS = 2**8
"""Tokens that each part has in common with the next, so that nothing shorter is cut."""


def measure_personal_data(texts: Sequence[str], tokenizer: TextTokenizer, train_ids: TokenIds) -> dict[str, Any]:
    """Returns for each kind of personal data how often generated texts have it, and how often it is a copy.

    Only patterns are found, such as addresses and numbers: names of persons are not. What the cleaning has replaced by
    a placeholder, such as `<email>`, is not in any text any more.

    Args:
        texts: Generated texts.
        tokenizer: The tokenizer of the training text, which is turned into text in the same way.
        train_ids: The training text.

    Returns:
        By kind `found`, the number of places in the texts, and `in_training`, how many of them have what stands in the
        training text.
    """
    found = [(kind, text[start:end]) for text in texts for kind, start, end in find_personal_data(text)]
    known = _standing_in({each for _, each in found}, tokenizer, train_ids)
    kinds: dict[str, dict[str, int]] = {}
    for kind, written in found:
        counts = kinds.setdefault(kind, {"found": 0, "in_training": 0})
        counts["found"] += 1
        counts["in_training"] += written in known
    return {"texts": len(texts), "kinds": dict(sorted(kinds.items()))}


def _standing_in(strings: set[str], tokenizer: TextTokenizer, train_ids: TokenIds) -> set[str]:
    """Returns those of the strings that stand in the training text."""
    missing, known = set(strings), set()
    for part in _parts_of_text(tokenizer, train_ids) if missing else ():
        known |= {each for each in missing if each in part}
        missing -= known
        if not missing:
            break
    return known


def _parts_of_text(tokenizer: TextTokenizer, train_ids: TokenIds) -> Iterator[str]:
    for first in range(0, len(train_ids), TOKENS_AT_ONCE):
        part = np.asarray(train_ids[first : first + TOKENS_AT_ONCE + OVERLAP_TOKENS])
        yield tokenizer.decode(part.tolist())

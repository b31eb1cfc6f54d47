"""Frequent beginnings of the paragraphs of a text, as prompts that suit it."""

from collections import Counter

import numpy as np

from halo.tokenization.tokenizer import TextTokenizer, TokenIds

MAX_TOKENS = 200_000
"""Tokens of the text that are looked at."""

TOKENS_OF_A_BEGINNING = 24
"""More than two words have, in characters or subwords."""

MAX_CHARACTERS = 30


def frequent_beginnings(ids: TokenIds, tokenizer: TextTokenizer, *, number: int = 2) -> list[str]:
    """Returns the most frequent first two words of paragraphs, the most frequent first; of equals the earlier one.

    A beginning ends before an unknown word, so it may be one word. Paragraphs that begin with an unknown word, or whose
    beginning has no letter, are left out, so there may be fewer.

    Args:
        ids: Token ids of the text, shape (num_tokens,).
        tokenizer: Its vocabulary.
        number: The number of beginnings.
    """
    ids = np.asarray(ids[:MAX_TOKENS])
    starts = [0, *(np.flatnonzero(ids == tokenizer.eos_id) + 1)]
    found = (_beginning(ids[start : start + TOKENS_OF_A_BEGINNING], tokenizer) for start in starts)
    counts = Counter(each for each in found if each is not None)
    return [beginning for beginning, _ in counts.most_common(number)]


def _beginning(ids_T: TokenIds, tokenizer: TextTokenizer) -> str | None:
    ends = np.flatnonzero((ids_T == tokenizer.eos_id) | (ids_T == tokenizer.unk_id))
    known = ids_T[: ends[0]] if len(ends) else ids_T
    if tokenizer.kind in ("word", "whitespace"):
        text = tokenizer.decode(known[:2].tolist())
    else:  # the last word may be cut off
        text = " ".join(tokenizer.decode(known.tolist()).split()[:-1][:2])
    is_usable = any(map(str.isalpha, text)) and len(text) <= MAX_CHARACTERS
    return text if is_usable else None

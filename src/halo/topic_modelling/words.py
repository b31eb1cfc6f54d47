"""The words that topics are described by: which there are, which of them are function words, and how often each occurs.

Shape letters: N units, W words.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from halo.runtime.errors import InputError, packages_of_extra
from halo.tokenization.token_rules import pre_tokenizer

STRETCH = 100
"""The length of the stretches of text in which a function word is looked for, in words."""

ENOUGH_DOCUMENTS = 30
"""In a collection of fewer, the units that a word occurs in are counted instead of the documents."""

_split = pre_tokenizer("word", any_placeholder=True).pre_tokenize_str


def words_of(text: str) -> list[str]:
    """Returns the words of a cleaned text in order, as they stand there: no numbers, signs and single letters.

    >>> words_of("the virus <url> spreads ( 80% ) a day")
    ['the', 'virus', 'spreads', 'day']
    """
    return [token for token, _ in _split(text) if is_word(token)]


def is_word(token: str) -> bool:
    """Returns whether a token is a word: two letters or more, or one of a script without capitals, such as 病.

    >>> [is_word(token) for token in ("air", "x", "病", "80%", "<unk>", "covid-19")]
    [True, False, True, False, False, True]
    """
    if token.startswith("<") and token.endswith(">"):
        return False
    letters = [character for character in token if character.isalpha()]
    return len(letters) > 1 or (len(letters) == 1 and letters[0].lower() == letters[0].upper())


@dataclass(frozen=True)
class WordCounts:
    """The words that topics may be described by, the same for every method, and their counts in each unit.

    Attributes:
        words: The words in lower case, in alphabetical order, W of them.
        forms: How each of them is shown: in the form that it mostly has, with the capitals of names.
        counts_NW: How often each occurs in each unit, a sparse matrix of scipy.
        function_words: The words that are left out because they are everywhere, the most frequent first.
    """

    words: list[str]
    forms: list[str]
    counts_NW: Any
    function_words: list[str]


def count_words(
    texts: Sequence[Sequence[str]],
    is_training: Sequence[bool],
    documents: Sequence[int],
    *,
    min_documents: int,
    max_share: float,
    cased_forms: Mapping[str, str],
) -> WordCounts:
    """Returns the words of the training text that are neither rare nor everywhere, with their counts in all units.

    Function words (the, of, and) occur wherever there is text; words that tell what it is about, only in places. A word
    that occurs in more than a share of all stretches of 100 words of the training text counts as a function word, so
    that no list of stop words is needed, in any language.

    Args:
        texts: The words of each unit.
        is_training: Whether each unit belongs to the training text.
        documents: The number of the document that each unit belongs to.
        min_documents: The number of training documents that a word has to occur in; of units, where there are fewer
            than 30 documents.
        max_share: The share of stretches from which on a word is a function word.
        cased_forms: The forms of names with capitals, `Bundle.cased_forms`.

    Raises:
        InputError: No word is left, or scipy is not installed.
    """
    with packages_of_extra("topics", purpose="finding topics"):
        from scipy import sparse

    lowered = [[word.lower() for word in text] for text in texts]
    training = [text for text, chosen in zip(lowered, is_training, strict=True) if chosen]
    places = [number for number, chosen in zip(documents, is_training, strict=True) if chosen]
    if len({*places}) < ENOUGH_DOCUMENTS:
        places = list(range(len(training)))
    occurrences = {(word, place) for text, place in zip(training, places, strict=True) for word in text}
    num_documents = Counter(word for word, _ in sorted(occurrences))
    stretches = [set(text[first : first + STRETCH]) for text in training for first in range(0, len(text), STRETCH)]
    num_stretches = Counter(word for stretch in stretches for word in stretch)
    common = {word for word, number in num_documents.items() if number >= min_documents}
    function_words = [
        word for word, number in num_stretches.most_common() if word in common and number > max_share * len(stretches)
    ]
    words = sorted(common - {*function_words})
    if not words:
        raise InputError(
            f"min_df={min_documents}, max_df={max_share:g}: none of {len(num_documents):,} words is in {min_documents} "
            f"texts or more and in at most {max_share:.0%} of the text; lower min_df, raise max_df, or give more text"
        )
    number_of = {word: number for number, word in enumerate(words)}
    rows = [Counter(number_of[word] for word in text if word in number_of) for text in lowered]
    entries = [(unit, word, count) for unit, row in enumerate(rows) for word, count in row.items()]
    unit_of, word_of, count_of = zip(*entries, strict=True) if entries else ((), (), ())
    counts_NW = sparse.csr_matrix((count_of, (unit_of, word_of)), shape=(len(texts), len(words)), dtype="int64")
    return WordCounts(words, _shown_forms(words, texts, cased_forms), counts_NW, function_words)


def _shown_forms(words: Sequence[str], texts: Iterable[Sequence[str]], cased_forms: Mapping[str, str]) -> list[str]:
    """Returns for each word the form that it mostly has, with the capitals of names."""
    counts = Counter(word for text in texts for word in text)
    forms: dict[str, tuple[float, str]] = {}
    for form, count in counts.items():
        best, _ = forms.get(form.lower(), (-math.inf, ""))
        if count > best:
            forms[form.lower()] = (count, form)
    return [cased_forms.get(word, forms[word][1]) for word in words]

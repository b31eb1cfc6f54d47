"""Letter case: which words are lowercased, and which keep capitals that carry meaning, such as acronyms."""

import functools
import operator
import re

# Texts repeat their words, so results are cached; not those of what is no word, such as a megabyte of letters.
_MAX_CACHED_WORDS = 50_000
_MAX_CACHED_LETTERS = 30


def apply_case(text: str, uncommon: str, *, case: str) -> tuple[str, int]:
    """Returns `text` under a case policy, see `CleaningConfig`, and the number of words changed.

    >>> apply_case("The WHO's Non-PCR test, by O. Smith in the U.S., e.g. of B.1.1.7", "", case="lower_keep_acronyms")
    ("the WHO's non-PCR test, by o. smith in the U.S., e.g. of B.1.1.7", 4)

    Args:
        text: The text to change.
        uncommon: Its uncommon characters, see `uncommon_characters`; further characters do no harm.
        case: The policy: `keep`, `lower` or `lower_keep_acronyms`.
    """
    if case == "keep":
        return text, 0
    if case == "lower":
        lowered = _lower(text)
        return lowered, 0 if lowered == text else count_changed_words(text, lowered)
    capitals = [letter for letter in uncommon if letter.isalpha() and letter.lower() != letter]
    pieces = _capitalised_word("".join(sorted(capitals))).split(text)
    words = pieces[1::2]
    lowered_words = [*map(_LOWERED.__getitem__, words)]
    pieces[1::2] = lowered_words
    return "".join(pieces), sum(map(operator.ne, words, lowered_words))


def count_changed_words(before: str, after: str) -> int:
    """Returns the number of words that differ between two forms of a text."""
    return sum(old != new for old, new in zip(before.split(), after.split(), strict=True))


class _LoweredWords(dict[str, str]):
    """A cache of capitalised words in lower case; acronyms and names with digits stay as they are."""

    def __missing__(self, word: str) -> str:
        rests = [part[1:] for part in word.split("&")]
        is_kept = any(rest != rest.lower() or any(map(str.isdigit, rest)) for rest in rests)
        lowered = word if is_kept else _lower(word)
        if len(self) < _MAX_CACHED_WORDS and len(word) <= _MAX_CACHED_LETTERS:
            self[word] = lowered
        return lowered


_LOWERED = _LoweredWords()


def _lower(text: str) -> str:
    # The only capital whose lower case has two characters, i and a dot above, would split a word in the middle.
    return text.replace("İ", "I").lower()


@functools.lru_cache(maxsize=64)
def _capitalised_word(capitals: str) -> re.Pattern[str]:
    """Returns the pattern of a word that begins with a capital: no other word ever changes.

    A word here consists of letters and digits with full stops, apostrophes and & inside (U.S, B.1.1.7, don't, AT&T); a
    unit of temperature (°C) is not a word. Only the capitals of the given text are listed, because a set of all that
    exist is slow.

    Args:
        capitals: The capitals beyond A to Z.
    """
    return re.compile(rf"([A-Z{capitals}](?<![^\W_].)(?<!°.)(?<![^\W_][.'].)[^\W_]*(?:[.'&][^\W_]+)*)")

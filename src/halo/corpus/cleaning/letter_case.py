"""Letter case: which words are written small, and which stay as they are because their capitals say something."""

import functools
import operator
import re

# A text repeats its words. What is no word, such as a megabyte of letters, is not kept.
_MAX_WORDS_REMEMBERED = 50_000
_MAX_LETTERS_REMEMBERED = 30


def apply_case(text: str, special_characters: str, *, case: str) -> tuple[str, int]:
    """Returns `text` under the case policy `case`, see `CleaningConfig`, and how many words changed.

    >>> apply_case("The WHO's Non-PCR test, by O. Smith in the U.S., e.g. of B.1.1.7", "", case="lower_keep_acronyms")
    ("the WHO's non-PCR test, by o. smith in the U.S., e.g. of B.1.1.7", 4)

    Args:
        text: What is changed.
        special_characters: All characters of it that are no letter, digit or space of ASCII; others do no harm.
        case: The policy.
    """
    if case == "keep":
        return text, 0
    if case == "lower":
        lowered = _lower(text)
        return lowered, 0 if lowered == text else changed_words(text, lowered)
    capitals = [letter for letter in special_characters if letter.isalpha() and letter.lower() != letter]
    pieces = _capitalised_word("".join(sorted(capitals))).split(text)
    words = pieces[1::2]
    small = [*map(_LOWERED.__getitem__, words)]
    pieces[1::2] = small
    return "".join(pieces), sum(map(operator.ne, words, small))


def changed_words(before: str, after: str) -> int:
    """Returns how many words differ between two forms of a text."""
    return sum(old != new for old, new in zip(before.split(), after.split(), strict=True))


class _Lowered(dict[str, str]):
    """Remembers what becomes of a word with a capital: an acronym or a name with digits stays."""

    def __missing__(self, word: str) -> str:
        rest = word[1:]
        stays = rest != rest.lower() or any(map(str.isdigit, rest))
        lowered = word if stays else _lower(word)
        if len(self) < _MAX_WORDS_REMEMBERED and len(word) <= _MAX_LETTERS_REMEMBERED:
            self[word] = lowered
        return lowered


_LOWERED = _Lowered()


def _lower(text: str) -> str:
    # The one capital whose small form is two characters would end a word in the middle: i and a dot above.
    return text.replace("İ", "I").lower()


@functools.lru_cache(maxsize=64)
def _capitalised_word(special_characters: str) -> re.Pattern[str]:
    """Returns the pattern of a word that begins with a capital: no other ever changes.

    A word here is letters and digits with full stops and apostrophes inside (U.S, B.1.1.7, don't); a unit of
    temperature (°C) is none. The capitals of the text at hand are listed, because a set of all that there are is slow.

    Args:
        special_characters: The capitals beyond A to Z.
    """
    return re.compile(rf"([A-Z{special_characters}](?<![^\W_].)(?<!°.)(?<![^\W_][.'].)[^\W_]*(?:[.'][^\W_]+)*)")

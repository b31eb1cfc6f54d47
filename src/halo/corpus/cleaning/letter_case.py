"""Letter case: which words are lowercased, and which keep capitals that carry meaning, such as acronyms."""

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

# Texts repeat their words, so results are cached; not those of what is no word, such as a megabyte of letters.
_MAX_CACHED_WORDS = 50_000
_MAX_CACHED_LETTERS = 30


@dataclass
class CapitalisedWords:
    """Counts of the capitalised words that a text had before they were lowercased.

    Attributes:
        anywhere: Number of occurrences of each word, as it was written.
        within_sentences: Number of those that follow a word, a comma or the like, so that the capital is the word's own
            and not that of the beginning of a sentence.
    """

    anywhere: Counter[str] = field(default_factory=Counter)
    within_sentences: Counter[str] = field(default_factory=Counter)

    def add(self, other: "CapitalisedWords") -> None:
        """Adds the counts of another text."""
        self.anywhere.update(other.anywhere)
        self.within_sentences.update(other.within_sentences)

    def count(self, words: Sequence[str], lowered: Sequence[str], before: Sequence[str]) -> int:
        """Counts those words that differ from their lowercased form, and returns how many these are.

        Args:
            words: The capitalised words of a text, in order.
            lowered: The same words after lowercasing.
            before: The text before each of the words, from the end of the word before it.
        """
        changed = [(word, text) for word, low, text in zip(words, lowered, before, strict=True) if word != low]
        self.anywhere.update(word for word, _ in changed)
        self.within_sentences.update(word for word, text in changed if _is_within_sentence(text))
        return len(changed)


def apply_case(text: str, uncommon: str, *, case: str, capitalised: CapitalisedWords) -> tuple[str, int]:
    """Returns `text` under a case policy, see `CleaningConfig`, and the number of words changed.

    >>> seen = CapitalisedWords()
    >>> text = "The WHO's Non-PCR test, by O. Smith in the U.S., e.g. of B.1.1.7"
    >>> apply_case(text, "", case="lower_keep_acronyms", capitalised=seen)
    ("the WHO's non-PCR test, by o. smith in the U.S., e.g. of B.1.1.7", 4)
    >>> list(seen.within_sentences)
    ['Non', 'O']

    Args:
        text: The text to change.
        uncommon: Its uncommon characters, see `uncommon_characters`; further characters do no harm.
        case: The policy: `keep`, `lower`, `upper` or `lower_keep_acronyms`.
        capitalised: The words that lose their capitals are added to it.
    """
    if case == "keep":
        return text, 0
    if case == "upper":
        raised = text.upper()
        return raised, count_changed_words(text, raised)
    if case == "lower" and (lowered := _lower(text)) == text:
        return text, 0
    capitals = [letter for letter in uncommon if letter.isalpha() and letter.lower() != letter]
    pieces = _capitalised_word("".join(sorted(capitals))).split(text)
    words = pieces[1::2]
    if case == "lower":
        capitalised.count(words, [*map(str.lower, words)], pieces[::2][:-1])
        return lowered, count_changed_words(text, lowered)
    lowered_words = [*map(_LOWERED.__getitem__, words)]
    changed = capitalised.count(words, lowered_words, pieces[::2][:-1])
    pieces[1::2] = lowered_words
    return "".join(pieces), changed


def _is_within_sentence(before: str) -> bool:
    """Returns whether the text before a capitalised word ends within a sentence."""
    return before == " " or (before[-1:] == " " and (before[-2].isalnum() or before[-2] in ",;)'"))


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

"""Which words are swapped: the English lists of this package, or pairs of the user's own."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from halo.tokenization.tokenizer import TextTokenizer

ENGLISH = Path(__file__).with_name("english.yaml")


@dataclass(frozen=True)
class Swap:
    """Pairs of words, of which the one can stand for the other.

    Attributes:
        name: What they are, such as `he / she`.
        sides: Names of the two columns of the pairs.
        pairs: The pairs. A word with several counterparts is not swapped into any of them.
        leave_out: Words with which a sentence is left out.
        subjects: Words that are swapped only where one of `followers` comes next, or a word in -ed.
        followers: Words that may follow a subject, whichever it is.
    """

    name: str
    sides: tuple[str, str]
    pairs: tuple[tuple[str, str], ...]
    leave_out: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    followers: frozenset[str] = field(default=frozenset(), repr=False)

    def reversed(self) -> "Swap":
        """Returns the swap of the second words of the pairs for the first ones."""
        pairs = tuple((second, first) for first, second in self.pairs)
        return Swap(self.name, self.sides[::-1], pairs, self.leave_out, self.subjects, self.followers)

    def counterparts(self) -> dict[str, str | None]:
        """Returns the counterpart of each first word of the pairs; None where it has several."""
        found: dict[str, str | None] = {}
        for first, second in self.pairs:
            found[first] = second if first not in found or found[first] == second else None
        return found


def own_swap(name: str, pairs: Sequence[str]) -> Swap:
    """Returns a swap of the user's own.

    Args:
        name: Its name.
        pairs: Pairs of words with a slash between them.

    >>> own_swap("pronouns", ["er/sie", "ihm/ihr"]).sides
    ('er', 'sie')
    """
    divided = [tuple(pair.split("/")) for pair in pairs]
    return Swap(name, (divided[0][0], divided[0][1]), _with_capitals([(first, second) for first, second in divided]))


def english_swaps(tokenizer: TextTokenizer, train_counts_V: npt.NDArray[Any]) -> list[Swap]:
    """Returns the English pronouns, and the first names of the vocabulary paired by their frequency.

    Args:
        tokenizer: The vocabulary.
        train_counts_V: How often each of its words occurs in the training text.
    """
    lists = _english()
    swaps = [
        Swap(
            name,
            _sides(name),
            _with_capitals([_pair(text) for text in entry["pairs"]]),
            frozenset(_both_cases(entry["leave_out"])),
            frozenset(_both_cases(entry.get("subjects", []))),
            frozenset(lists["same_verbs"]),
        )
        for name, entry in lists["pronouns"].items()
    ]
    names = lists["first_names"]
    counts = dict(zip(tokenizer.words(), np.asarray(train_counts_V).tolist(), strict=True))
    men, women = (_by_frequency(names[side], counts) for side in ("men", "women"))
    pairs = tuple(zip(men, women, strict=False))
    return [*swaps, Swap("first names", ("names of men", "names of women"), pairs)]


@functools.cache
def _english() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load(ENGLISH.read_text(encoding="utf-8"))
    return lists


def _by_frequency(names: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """Returns the names of the vocabulary, in the case that it has, the most frequent first."""
    known = [each for each in _both_cases(names) if each in counts]
    return sorted(known, key=lambda name: (-counts[name], name))


def _sides(name: str) -> tuple[str, str]:
    first, second = name.split(" / ")
    return first, second


def _pair(text: str) -> tuple[str, str]:
    first, second = text.split("/")
    return first, second


def _with_capitals(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Returns pairs as they are and as they begin a sentence, for texts that keep their capitals."""
    capitals = [(_capitalised(first), _capitalised(second)) for first, second in pairs]
    return tuple(dict.fromkeys([*pairs, *capitals]))


def _both_cases(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(form for word in words for form in (word, _capitalised(word))))


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]

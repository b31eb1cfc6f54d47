"""The words of an input, and to which of them each character of the cleaned text belongs.

Cleaning changes a text in many ways, some of which depend on the words around: a telephone number of three words
becomes one placeholder, tags and comments vanish, a word that is divided at the end of a line is joined. Whatever a
step does, the alignment follows from one property that is checked, not assumed: where the cleaned halves of a text are
together the cleaned text, the words of each half have produced that half.

    the input          call    020 7946 0958    now!!     😀
    cleaned            call    <phone>          now!!
    cuts that hold         |                 |         |
    so each produced   call    <phone>          now!!     nothing
"""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

# Chinese and Japanese writing has no spaces, and the tokenizer makes a token of each character: so does this.
_SIGN = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u3098\u309b-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_MARKS = "\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef"  # of sound and form, behind their character
_WORD = re.compile(rf"[{_SIGN}][{_MARKS}]*|[^\s{_SIGN}]+")
_BETWEEN_SPACES = re.compile(r"\S+")

MAX_CUTS = 24
"""The number of places at which a text is tried to be cut before its words are aligned by their letters."""
MAX_COMPARED = 2000
"""The number of characters up to which words that were cleaned together are compared letter by letter."""
MAX_CACHED = 100_000


class Alignment(NamedTuple):
    """To which word each character of a cleaned text belongs.

    Attributes:
        owners: The index of the word of each character other than white space, never decreasing.
        merged: The indices of words that became one with the word before them, as the parts of a telephone number.
    """

    owners: list[int]
    merged: set[int]


def find_words(text: str, *, divides_signs: bool = True) -> list[tuple[int, int]]:
    """Returns the begin and end of each word of a text: what stands between white space, with its punctuation.

    Args:
        text: The text.
        divides_signs: Whether each character of Chinese and Japanese writing is a word.

    >>> [("A dog, 我喜欢"[begin:end]) for begin, end in find_words("A dog, 我喜欢")]
    ['A', 'dog,', '我', '喜', '欢']
    """
    return [match.span() for match in (_WORD if divides_signs else _BETWEEN_SPACES).finditer(text)]


class WordAligner:
    """Finds the word of the input that each character of its cleaned text comes from.

    Args:
        clean: Cleans a text, as the training text was.
    """

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._cleaned_words: dict[str, str] = {}

    def align(self, text: str, spans: Sequence[tuple[int, int]], cleaned: str) -> Alignment:
        """Returns the alignment of a cleaned text.

        Args:
            text: The input.
            spans: The begin and end of each of its words.
            cleaned: What cleaning has made of the input.
        """
        alignment = Alignment([], set())
        if spans:
            self._align(text, spans, (0, len(spans)), cleaned, alignment)
        return alignment

    def _align(
        self, text: str, spans: Sequence[tuple[int, int]], part: tuple[int, int], cleaned: str, found: Alignment
    ) -> None:
        """Adds the alignment of the words from the first to before the last of `part`."""
        first, last = part
        words = [self._cleaned_word(text[begin:end]) for begin, end in spans[first:last]]
        target = _squeezed(cleaned)
        pieces = [*map(_squeezed, words)] if any(" " in word or "\n" in word for word in words) else words
        if "".join(pieces) == target:
            found.owners.extend([index for index, piece in enumerate(pieces, start=first) for _ in piece])
            return
        for cut in _cuts(first, last):
            left = self._clean(text[spans[first][0] : spans[cut - 1][1]])
            if not target.startswith(_squeezed(left)):
                continue
            right = self._clean(text[spans[cut][0] : spans[last - 1][1]])
            if _squeezed(left) + _squeezed(right) == target:
                self._align(text, spans, (first, cut), left, found)
                self._align(text, spans, (cut, last), right, found)
                return
        _align_by_letters(words, cleaned, first, found)

    def _cleaned_word(self, word: str) -> str:
        cleaned = self._cleaned_words.get(word)
        if cleaned is None:
            cleaned = self._clean(word)
            if len(self._cleaned_words) >= MAX_CACHED:
                self._cleaned_words.clear()
            self._cleaned_words[word] = cleaned
        return cleaned


def _cuts(first: int, last: int) -> Iterator[int]:
    """Yields places between words, from the middle outwards.

    >>> list(_cuts(0, 5))
    [2, 3, 1, 4]
    """
    middle = (first + last) // 2
    tried = [place for step in range(MAX_CUTS) for place in ((middle + step, middle - step) if step else (middle,))]
    return (place for place in tried[:MAX_CUTS] if first < place < last)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _align_by_letters(words: Sequence[str], cleaned: str, first: int, found: Alignment) -> None:
    """Adds the alignment of words that were cleaned together, from what they would be alone.

    Later words are preferred, since what vanishes, such as the attributes of a tag, stands before what stays.

    Args:
        words: Each word as it would be cleaned alone.
        cleaned: What they became together.
        first: The index of the first word.
        found: Receives the alignment.
    """
    alone = [(index, part) for index, word in enumerate(words, start=first) for part in word.split()]
    together = cleaned.split()
    previous = first
    for begin, end, target_begin, target_end in _blocks([part for _, part in alone], together):
        target = "".join(together[target_begin:target_end])
        block = alone[begin:end]
        owners = _owners_of_letters(block, target, previous)
        found.owners.extend(owners)
        if owners:
            found.merged.update({index for index, _ in block} - {*owners})
            previous = owners[-1]


def _owners_of_letters(block: Sequence[tuple[int, str]], target: str, previous: int) -> list[int]:
    """Returns the word of each character of `target`, which the parts of words in `block` became.

    Args:
        block: Parts of words as they would be alone, each with the index of its word.
        target: What became of them, without white space.
        previous: The word that characters belong to if there is no part.
    """
    if not block:
        return [previous] * len(target)
    letters = "".join(part for _, part in block)
    owner = block[0][0]
    if letters == target:
        return [index for index, part in block for _ in part]
    if len(letters) + len(target) > MAX_COMPARED:
        return [owner] * len(target)
    of_letters = [index for index, part in block for _ in part]
    owners = []
    for begin, end, target_begin, target_end in _blocks(letters, target):
        size = target_end - target_begin
        if size and end - begin == size and letters[begin:end] == target[target_begin:target_end]:
            owners += of_letters[begin:end]
        else:
            owners += [owners[-1] if owners else owner] * size
    return owners


def _blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Returns the equal and the differing parts of two sequences, each with its begin and end in both, in order."""
    matcher = SequenceMatcher(None, before[::-1], after[::-1], autojunk=False)
    sizes = len(before), len(after)
    blocks = [
        (sizes[0] - i2, sizes[0] - i1, sizes[1] - j2, sizes[1] - j1) for _, i1, i2, j1, j2 in matcher.get_opcodes()
    ]
    return blocks[::-1]

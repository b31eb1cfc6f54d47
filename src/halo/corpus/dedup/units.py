"""Units of comparison: words, or characters where no spaces separate words.

Texts are compared by runs of eight units. A unit is

- a word: whatever stands between white space, with its punctuation marks, as in most scripts;
- a character with its combining marks, in scripts that are written without spaces between words;
- in a word of more than 40 characters, such as a DNA sequence or a line of code: a run of letters and digits, a run of
  other characters, or, within a run that is itself this long, each four consecutive characters (overlapping, so that
  an insertion does not change all units after it).

So eight units are eight words of English, eight characters of Chinese (about five words), and eleven bases of DNA. Of
two texts of 200 Chinese characters of which one differs, 8 of about 193 runs differ: a similarity of 0.92.
"""

import re
from functools import cache

from tokenizers import Regex, pre_tokenizers

MAX_WORD_CHARACTERS = 40
NGRAM_CHARACTERS = 4

# The characters of Latin, Cyrillic, Greek, Arabic, Hebrew and the scripts of India come before the first such script.
FIRST_WITHOUT_SPACES = "\u0e00"
SCRIPTS_WITHOUT_SPACES = (
    *("Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Tangut", "Nushu", "Tibetan"),
    *("Thai", "Lao", "Khmer", "Myanmar", "Tai_Le", "New_Tai_Lue", "Tai_Tham", "Tai_Viet", "Ahom"),
    *("Javanese", "Balinese", "Cham", "Batak"),
)
_RUNS = re.compile(r"\w+|\W+")


@cache
def _isolate_characters() -> pre_tokenizers.PreTokenizer:
    """Returns a splitter that isolates each character of a script without spaces, with its combining marks."""
    scripts = "".join(rf"\p{{{name}}}" for name in SCRIPTS_WITHOUT_SPACES)
    return pre_tokenizers.Split(Regex(rf"[{scripts}]\p{{M}}*"), behavior="isolated")


def split_units(word: str) -> list[str]:
    """Returns the units of a word, which contains no white space.

    >>> split_units("COVID-19,")
    ['COVID-19,']
    >>> split_units("iPhone手机，")
    ['iPhone', '手', '机', '，']
    """
    is_spaced = word.isascii() or max(word) < FIRST_WITHOUT_SPACES
    if is_spaced and len(word) <= MAX_WORD_CHARACTERS:
        return [word]
    parts = [word] if is_spaced else [part for part, _ in _isolate_characters().pre_tokenize_str(word)]
    return [unit for part in parts for unit in _split_long(part)]


def _split_long(part: str) -> list[str]:
    if len(part) <= MAX_WORD_CHARACTERS:
        return [part]
    units = []
    for run in _RUNS.findall(part):
        is_long = len(run) > MAX_WORD_CHARACTERS and run[0].isalnum()
        last = len(run) - NGRAM_CHARACTERS
        units += [run[i : i + NGRAM_CHARACTERS] for i in range(last + 1)] if is_long else [run]
    return units

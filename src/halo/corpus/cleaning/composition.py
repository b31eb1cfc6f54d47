"""Composed form of characters, and plain forms of ligatures, full-width letters and the like: one spelling for a word.

Of the compatibility forms of Unicode (NFKC) only those are replaced that are another spelling of the same text, as PDF
files and Asian keyboards have them. Others say something: 10⁵ is not 105, ½ not 1/2, and ① not 1.
"""

import re
import unicodedata

from halo.corpus.cleaning.characters import uncommon_characters
from halo.corpus.cleaning.letter_case import count_changed_words

_COMPATIBLE = re.compile(
    "["
    "\u00b5"  # micro sign: the letter mu
    "\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3"  # ij of Dutch, n of Afrikaans, digraphs of Croatian
    "\u2f00-\u2fd5"  # radicals that look like the ideographs 一, 人
    "\ufb00-\ufb06\ufb13-\ufb17\ufb20-\ufb28\ufb4f"  # fi, fl and other ligatures: Latin, Armenian, Hebrew
    "\ufb50-\ufbb1\ufbd3-\ufc5d\ufc64-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufe80-\ufefc"  # forms of Arabic letters
    "\uff03-\uff05\uff0b\uff0f-\uff19\uff1d\uff20-\uff3a\uff3f\uff41-\uff5a"  # full-width letters, digits, #$%+/=@_
    "\uff61-\uff9f\uffa1-\uffdc"  # half-width kana and Hangul
    "]+"
    "|(?<=[0-9\uff10-\uff19])\uff0e(?=[0-9\uff10-\uff19])"  # full-width decimal point
)
_MAY_CHANGE = re.compile(_COMPATIBLE.pattern.partition("|")[0])


def compose(text: str) -> tuple[str, int]:
    """Returns `text` in composed form (NFC), with plain letters for ligatures and the like; and how many words changed.

    >>> compose("ﬁnd ５０％ of 10⁵ µg")
    ('find 50% of 10⁵ μg', 3)
    """
    composed = text
    if _MAY_CHANGE.search(uncommon_characters(text)):
        composed = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    if not unicodedata.is_normalized("NFC", composed):
        composed = unicodedata.normalize("NFC", composed)
    return (text, 0) if composed == text else (composed, count_changed_words(text, composed))

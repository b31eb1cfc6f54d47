r"""Pure functions on `str` that take special characters out and leave what carries meaning.

Fundamental punctuation, acronyms and numbers stay: COVID-19, SARS-CoV-2, mRNA, SpO2, R0, 1.5, 1,200, 95%, £4m.
Every function is idempotent: cleaning a cleaned text changes nothing.

>>> rules = CleaningConfig(case="lower_keep_acronyms", keep_characters=".,;:?!'\"()-%£$€°/&")
>>> clean("The R0 of SARS-CoV-2 — about 2.5* — was “high”…", rules)
'the R0 of SARS-CoV-2 - about 2.5 - was "high"...'
"""

import re
import unicodedata

from halo.config import CleaningConfig

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑−", "-"),
        "…": "...",
    }
)
_RANGE_DASH = re.compile(r"(?<=\d)\s*[–—]\s*(?=\d)")
_DASH = re.compile(r"\s*(?:[–—―]|--+)+\s*")
_FORMAT_CHARACTERS = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
# A word for the case policy: letters and digits, with full stops and apostrophes inside (U.S, B.1.1.7, don't); a unit
# of temperature (°C) is none.
_WORD = re.compile(r"(?<!°)[^\W_]+(?:[.'][^\W_]+)*")


def clean(text: str, config: CleaningConfig) -> str:
    """Returns `text` cleaned, one blank line between paragraphs and single spaces between words."""
    text = normalise_unicode(text)
    text = plain_typography(text)
    text = remove_special_characters(text, config.keep_characters)
    text = apply_case(text, config.case)
    return normalise_white_space(text)


def normalise_unicode(text: str) -> str:
    """Returns `text` in composed form (NFC), without zero-width and direction marks, with line feeds for line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _FORMAT_CHARACTERS.sub("", text))


def plain_typography(text: str) -> str:
    """Returns `text` with quotation marks, dashes and ellipses as a typewriter has them.

    >>> plain_typography("10–14 days—or ‘more’")
    "10-14 days - or 'more'"
    """
    text = text.translate(_TYPOGRAPHY)
    text = _RANGE_DASH.sub("-", text)
    return "\n\n".join(_DASH.sub(" - ", part) for part in _PARAGRAPH_BREAK.split(text))


def remove_special_characters(text: str, keep: str) -> str:
    """Returns `text` with a space for whatever is no letter, mark, digit, white space or one of `keep`."""
    special = {character for character in set(text) if not _stays(character, keep)}
    return text.translate(dict.fromkeys(map(ord, special), " "))


def _stays(character: str, keep: str) -> bool:
    return character.isspace() or character in keep or unicodedata.category(character)[0] in "LMN"


def apply_case(text: str, case: str) -> str:
    """Returns `text` under the case policy `case`, see `CleaningConfig`.

    >>> apply_case("The WHO's Non-PCR test, by O. Smith in the U.S., e.g. of B.1.1.7", "lower_keep_acronyms")
    "the WHO's non-PCR test, by o. smith in the U.S., e.g. of B.1.1.7"
    """
    if case == "keep":
        return text
    if case == "lower":
        return unicodedata.normalize("NFC", text.lower())
    return unicodedata.normalize("NFC", _WORD.sub(_lower_unless_acronym, text))


def _lower_unless_acronym(match: re.Match[str]) -> str:
    word = match.group()
    has_inner_capital = any(character.isupper() for character in word[1:])
    has_capital_and_digit = word[0].isupper() and any(character.isdigit() for character in word)
    return word if has_inner_capital or has_capital_and_digit else word.lower()


def normalise_white_space(text: str) -> str:
    """Returns `text` with one space between words and one blank line between paragraphs."""
    return "\n\n".join(paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """Returns the paragraphs of `text`: what blank lines separate, each on one line, none of them empty."""
    lines = (" ".join(part.split()) for part in _PARAGRAPH_BREAK.split(text))
    return [line for line in lines if line]

r"""Pure functions on `str` that take out what is no text and leave what carries meaning.

The steps, in the order in which they run; `data.cleaning.steps` says which of them do:

control     control, zero-width and direction characters go
unicode     composed form (NFC), not the compatibility form, which changes numbers
html        character references become characters; tags, comments, scripts and style sheets go
typography  quotation marks, dashes and ellipses as a typewriter has them
urls, emails, phones, handles
            words that stand for them: <url>, <email>, <phone>, <handle>
special     emoji and whatever else is no letter, digit, white space or one of `keep_characters`

Then come the policies for letter case and numbers. White space is made plain always: one blank line between paragraphs,
one space between words. Cleaning is idempotent: cleaning a cleaned text changes nothing.

>>> from halo.config import CLEANING_STEPS
>>> rules = CleaningConfig(
...     steps=list(CLEANING_STEPS), case="lower_keep_acronyms", numbers="keep", keep_characters=".,;:?!'\"()-%£$€°/&"
... )
>>> clean("The R0 of SARS-CoV-2 — about 2.5* — was “high”… See www.who.int!", rules)
'the R0 of SARS-CoV-2 - about 2.5 - was "high"... see <url>!'
"""

import functools
import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

from halo.config import CleaningConfig
from halo.corpus.cleaning.html import remove_markup
from halo.corpus.cleaning.letter_case import apply_case, changed_words
from halo.corpus.cleaning.placeholders import (
    INTERNAL,
    NUMBER_POLICIES,
    PLACEHOLDER_STEPS,
    SEPARATOR,
    protect,
    write_out,
)

# Lone halves of surrogate pairs cannot be written as UTF-8; the internal characters of class tokens are no text either.
_INVALID = re.compile("[\ud800-\udfff" + INTERNAL + "]")
# Line feeds, tabs and the like are white space, and not among them.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_TYPOGRAPHY = {
    **dict.fromkeys("‘’‚‛′ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑−", "-"),
    "…": "...",
}
_TYPEWRITTEN = "'\"-."
_TYPOGRAPHIC = re.compile("[" + "".join(_TYPOGRAPHY) + "]")
_RANGE_DASH = re.compile(r"—(?:(?<=\d—)|(?<=\d —)) ?(?=\d)")
_HYPHENS = re.compile("--+")
_DASH = re.compile("[–—―]")
_DASHES = re.compile("——*")
_IN_WORD = re.compile(r"\w")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")

# Bytes of UTF-8 can be deleted without a step of Python for each, and these are all but some percent of most texts.
_FREQUENT = (string.ascii_letters + string.digits + " ").encode()

# HTML within HTML within HTML: what is deeper than this is no document.
_MAX_MARKUP_LAYERS = 8


def clean(text: str, config: CleaningConfig) -> str:
    """Returns `text` cleaned, one blank line between paragraphs and single spaces between words."""
    return clean_counted(text, config)[0]


def clean_counted(text: str, config: CleaningConfig) -> tuple[str, dict[str, int]]:
    """Returns `text` cleaned, and how much each step changed.

    The counts are keyed by step; steps that changed nothing are left out. `control`, `special` and `white_space` count
    characters that went, `typography` characters that were replaced; `unicode` and `case` count words; `html` counts
    references and tags; `urls`, `emails`, `phones` and `handles` count occurrences, `numbers` digits or numbers;
    `invalid` counts characters that no text may have, such as half a surrogate pair, whatever the settings.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    return _clean(_remove_invalid(text, counts), config, counts)


def clean_together(texts: Sequence[str], config: CleaningConfig) -> tuple[list[str], dict[str, int]]:
    """Returns what `clean_counted` makes of each text, and how much each step changed in all of them.

    Short texts are cleaned as paragraphs of one: no step but `html` looks beyond a paragraph, and a step takes its time
    even where it finds nothing.
    """
    joined = f"\n\n{SEPARATOR}\n\n".join(texts)
    reaches_further = any(mark in joined for mark in "<&\r")
    own_separator = joined.count(SEPARATOR) >= len(texts)
    invalid = _INVALID.search(_special_characters(joined).replace(SEPARATOR, ""))
    if len(texts) == 1 or reaches_further or own_separator or invalid or not all(map(_IN_WORD.search, texts)):
        cleaned = [clean_counted(text, config) for text in texts]
        return [text for text, _ in cleaned], dict(sum((Counter(counts) for _, counts in cleaned), Counter()))
    together, counts = _clean(joined, config, defaultdict(int))
    return [text.strip("\n") for text in together.split(SEPARATOR)], counts


def _clean(text: str, config: CleaningConfig, counts: defaultdict[str, int]) -> tuple[str, dict[str, int]]:
    before = ""
    while text != before:
        before = text
        text = _run_steps(text, config, counts)
        if "html" not in config.steps or "<" not in text:
            break  # else what a step put in or took out may have made a tag
    return write_out(text), {step: count for step, count in counts.items() if count}


def _run_steps(text: str, config: CleaningConfig, counts: defaultdict[str, int]) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _decode(text, config.steps, counts)
    special_characters = _special_characters(text)
    text = _plain_white_space(text, counts)
    if "typography" in config.steps:
        text, count = plain_typography(text, special_characters)
        counts["typography"] += count
        if count and (text != text.strip(" ") or any(dash in text for dash in ("-  -", "- \n", "\n -"))):
            text = _close_gaps(text)
    text = _replace_classes(text, config.steps, counts)
    if "special" in config.steps:
        text, count = remove_special_characters(text, special_characters, keep=config.keep_characters)
        counts["special"] += count
        if count:  # a mark that went may have stood between the parts of an address
            text = _replace_classes(_close_gaps(text), config.steps, counts)
    text, count = apply_case(text, special_characters, case=config.case)
    counts["case"] += count
    if count and "unicode" in config.steps:
        text = unicodedata.normalize("NFC", text)
    if config.numbers != "keep":
        text, count = NUMBER_POLICIES[config.numbers](text)
        counts["numbers"] += count
        if count:  # digits that went may have stood close to a telephone number
            text = _replace_classes(text, config.steps, counts)
    return text


def _remove_invalid(text: str, counts: defaultdict[str, int]) -> str:
    if _INVALID.search(_special_characters(text)):
        text, counts["invalid"] = _INVALID.subn(" ", text)
    return text


def _decode(text: str, steps: list[str], counts: defaultdict[str, int]) -> str:
    """Runs control, unicode and html, again and again while references uncover what one of them would change."""
    for _ in range(_MAX_MARKUP_LAYERS):
        if "control" in steps and _CONTROL.search(_special_characters(text)):
            text, removed = _CONTROL.subn("", text)
            counts["control"] += removed
        text = protect(text)  # before a mark that follows is composed with the bracket
        if "unicode" in steps:
            text, changed = compose(text)
            counts["unicode"] += changed
        if "html" not in steps:
            return text
        text, found = remove_markup(text)
        if not found:
            return text
        counts["html"] += found
    counts["html"] += text.count("<") + text.count("&")
    text = text.replace("<", " ").replace("&", " ")
    return _decode(text, [step for step in steps if step != "html"], counts)


def _replace_classes(text: str, steps: list[str], counts: defaultdict[str, int]) -> str:
    again = True
    while again:  # what was replaced may have stood close to what is one only now
        again = False
        for name, replace in PLACEHOLDER_STEPS.items():
            if name in steps:
                text, found = replace(text)
                counts[name] += found
                again = again or found > 0
    return text


def _plain_white_space(text: str, counts: defaultdict[str, int]) -> str:
    plain = normalise_white_space(text)
    counts["white_space"] += len(text) - len(plain)
    return plain


def compose(text: str) -> tuple[str, int]:
    """Returns `text` in composed form (NFC), and how many words changed."""
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    composed = unicodedata.normalize("NFC", text)
    return composed, changed_words(text, composed)


def plain_typography(text: str, special_characters: str) -> tuple[str, int]:
    """Returns `text` with plain quotation marks, dashes and ellipses, and how many were replaced.

    >>> plain_typography("10–14 days—or ‘more’", "–—‘’")
    ("10-14 days - or 'more'", 4)

    Args:
        text: What is changed.
        special_characters: All characters of it that are no letter, digit or space of ASCII; others do no harm.
    """
    count = 0
    if found := _TYPOGRAPHIC.findall(special_characters):
        count = sum(map(text.count, found))
        text = _replace_each(text, {character: _TYPOGRAPHY[character] for character in found})
    if "--" in text or _DASH.search(special_characters):
        text, dashes = _plain_dashes(text)
        count += dashes
    return text, count


def _plain_dashes(text: str) -> tuple[str, int]:
    """Returns `text` with a hyphen for the dash of a range, a spaced one for other dashes and --; and how many."""
    text = text.replace("–", "—")
    text, ranges = _RANGE_DASH.subn("–", text)  # which is free now to say so
    text = text.replace(" –", "-").replace("–", "-")
    text = _HYPHENS.sub("—", text.replace("―", "—"))
    first, *others = _DASHES.split(text)
    if not others:
        return text, ranges
    parts = [first.rstrip(" "), *(part.strip(" ") for part in others[:-1]), others[-1].lstrip(" ")]
    return " - ".join(parts), ranges + len(others)


def remove_special_characters(text: str, special_characters: str, *, keep: str) -> tuple[str, int]:
    """Returns `text` with a space for whatever is no letter, mark, digit, white space or one of `keep`; and how many.

    >>> remove_special_characters("50% #off 😀", "%#😀", keep="%")
    ('50%  off  ', 2)

    Args:
        text: What is changed.
        special_characters: As for `plain_typography`; the marks that it puts in may be left out.
        keep: Characters that stay.
    """
    candidates = set(_special_candidates(keep).findall(special_characters + _TYPEWRITTEN))
    special = [character for character in candidates if character == "_" or not _is_mark(character)]
    count = sum(map(text.count, special))
    return (_replace_each(text, dict.fromkeys(special, " ")), count) if count else (text, 0)


def _replace_each(text: str, replacements: dict[str, str]) -> str:
    """Replaces characters: one by one while they are few, because `str.translate` is slow on what is not ASCII."""
    if len(replacements) > 16 or text.isascii():
        return text.translate({ord(character): replacement for character, replacement in replacements.items()})
    for character, replacement in replacements.items():
        text = text.replace(character, replacement)
    return text


@functools.cache
def _special_candidates(keep: str) -> re.Pattern[str]:
    kept = re.escape(keep + INTERNAL)
    return re.compile(rf"[^\w\s{kept}]" if "_" in keep else rf"[^\w\s{kept}]|_")


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"  # letters and numbers too, of newer Unicode than that of re


def normalise_white_space(text: str) -> str:
    """Returns `text` with one space between words and one blank line between paragraphs."""
    for character in _special_characters(text):
        if character.isspace() and character != "\n":
            text = text.replace(character, " ")
    return _close_gaps(text)


def _close_gaps(text: str) -> str:
    """Does what `normalise_white_space` does to a text whose only white space is spaces and line feeds."""
    text = "\n".join([line.strip(" ") for line in text.split("\n")])
    while "  " in text:
        text = text.replace("  ", " ")
    parts = [part.strip("\n").replace("\n", " ") for part in text.split("\n\n")]
    return "\n\n".join([part for part in parts if part])


def count_paragraphs(text: str) -> int:
    """Returns how many paragraphs `text` has, faster than their texts are had."""
    return len(_PARAGRAPH_BREAK.findall(text.strip())) + bool(text.strip())


def paragraphs(text: str) -> list[str]:
    """Returns the paragraphs of `text`: what blank lines separate, each on one line, none of them empty."""
    plain = normalise_white_space(text)
    return plain.split("\n\n") if plain else []


@functools.lru_cache(maxsize=1)  # several steps ask, and few of them change the text
def _special_characters(text: str) -> str:
    """Returns each character of `text` that is no letter, digit or space of ASCII, once, in any order.

    Whatever a step looks for is sought among these first, not in the text.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    return "".join(set(encoded.translate(None, _FREQUENT).decode("utf-8", "surrogatepass")))

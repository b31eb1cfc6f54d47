r"""The cleaning pipeline: pure functions on `str` that remove what is not text and keep what carries meaning.

The steps, in the order in which they run; `data.cleaning.steps` selects them:

control     removes control, zero-width and direction characters
unicode     composes characters (NFC; not the compatibility form, which changes numbers)
html        decodes character references; removes tags, comments, scripts and style sheets
typography  replaces quotation marks, dashes and ellipses by their typewriter forms
urls, emails, phones, handles
            replaces these by placeholders: <url>, <email>, <phone>, <handle>
special     removes emoji and everything else that is not a letter, digit, white space or one of `keep_characters`

Then the policies for letter case and numbers are applied. White space is always normalised: one blank line between
paragraphs, one space between words. Cleaning is idempotent: cleaning a cleaned text changes nothing.

>>> from halo.config import CLEANING_STEPS
>>> rules = CleaningConfig(
...     steps=list(CLEANING_STEPS), case="lower_keep_acronyms", numbers="keep", keep_characters=".,;:?!'\"()-%£$€°/&"
... )
>>> clean("The R0 of SARS-CoV-2 — about 2.5* — was “high”… See www.who.int!", rules)
'the R0 of SARS-CoV-2 - about 2.5 - was "high"... see <url>!'
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence

from halo.config import CleaningConfig
from halo.corpus.cleaning.characters import uncommon_characters
from halo.corpus.cleaning.html import remove_markup
from halo.corpus.cleaning.letter_case import apply_case, count_changed_words
from halo.corpus.cleaning.placeholders import (
    INTERNAL,
    NUMBER_POLICIES,
    PLACEHOLDER_STEPS,
    SEPARATOR,
    decode_placeholders,
    encode_placeholders,
)
from halo.corpus.cleaning.special_characters import remove_special_characters
from halo.corpus.cleaning.typography import replace_typography
from halo.corpus.cleaning.white_space import close_gaps, normalise_white_space

# Lone halves of surrogate pairs cannot be encoded as UTF-8, and the internal stand-ins of placeholders are not text.
_INVALID = re.compile("[\ud800-\udfff" + INTERNAL + "]")
# Line feeds, tabs and the like are white space, and not among them.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_WORD_CHARACTER = re.compile(r"\w")

# HTML within HTML within HTML: no real document nests deeper than this.
_MAX_MARKUP_LAYERS = 8


def clean(text: str, config: CleaningConfig) -> str:
    """Returns `text` cleaned, with one blank line between paragraphs and single spaces between words."""
    return clean_counted(text, config)[0]


def clean_counted(text: str, config: CleaningConfig) -> tuple[str, dict[str, int]]:
    """Returns `text` cleaned, and the number of changes by each step.

    The counts are keyed by step; steps that changed nothing are absent. `control`, `special` and `white_space` count
    characters removed, `typography` characters replaced; `unicode` and `case` count words; `html` counts references
    and tags; `urls`, `emails`, `phones` and `handles` count occurrences, `numbers` digits or numbers; `invalid` counts
    characters that no text may contain, such as half a surrogate pair, and is independent of the settings.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    return _clean(_remove_invalid(text, counts), config, counts)


def clean_together(texts: Sequence[str], config: CleaningConfig) -> tuple[list[str], dict[str, int]]:
    """Returns each text cleaned as by `clean_counted`, and the number of changes by each step in all of them.

    Short texts are cleaned as paragraphs of a single text: no step but `html` looks beyond a paragraph, and each step
    has a fixed overhead even if it finds nothing.
    """
    joined = f"\n\n{SEPARATOR}\n\n".join(texts)
    has_markup = any(mark in joined for mark in "<&\r")
    has_separator = joined.count(SEPARATOR) >= len(texts)
    invalid = _INVALID.search(uncommon_characters(joined).replace(SEPARATOR, ""))
    if len(texts) == 1 or has_markup or has_separator or invalid or not all(map(_WORD_CHARACTER.search, texts)):
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
            break  # otherwise an insertion or removal may have produced a tag
    return decode_placeholders(text), {step: count for step, count in counts.items() if count}


def _run_steps(text: str, config: CleaningConfig, counts: defaultdict[str, int]) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _decode(text, config.steps, counts)
    uncommon = uncommon_characters(text)
    text = _normalise_white_space(text, counts)
    if "typography" in config.steps:
        text, count = replace_typography(text, uncommon)
        counts["typography"] += count
        if count and (text != text.strip(" ") or any(dash in text for dash in ("-  -", "- \n", "\n -"))):
            text = close_gaps(text)
    text = _replace_by_placeholders(text, config.steps, counts)
    if "special" in config.steps:
        text, count = remove_special_characters(text, uncommon, keep=config.keep_characters)
        counts["special"] += count
        if count:  # a removed mark may have separated the parts of an address
            text = _replace_by_placeholders(close_gaps(text), config.steps, counts)
    text, count = apply_case(text, uncommon, case=config.case)
    counts["case"] += count
    if count and "unicode" in config.steps:
        text = unicodedata.normalize("NFC", text)
    if config.numbers != "keep":
        text, count = NUMBER_POLICIES[config.numbers](text)
        counts["numbers"] += count
        if count:  # replaced digits may have been adjacent to a telephone number
            text = _replace_by_placeholders(text, config.steps, counts)
    return text


def _remove_invalid(text: str, counts: defaultdict[str, int]) -> str:
    if _INVALID.search(uncommon_characters(text)):
        text, counts["invalid"] = _INVALID.subn(" ", text)
    return text


def _decode(text: str, steps: list[str], counts: defaultdict[str, int]) -> str:
    """Runs control, unicode and html, repeatedly while decoded references give one of them more to change."""
    for _ in range(_MAX_MARKUP_LAYERS):
        if "control" in steps and _CONTROL.search(uncommon_characters(text)):
            text, removed = _CONTROL.subn("", text)
            counts["control"] += removed
        text = encode_placeholders(text)  # before a combining mark is composed with the closing bracket
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


def _replace_by_placeholders(text: str, steps: list[str], counts: defaultdict[str, int]) -> str:
    again = True
    while again:  # a replacement may turn its neighbour into a match
        again = False
        for name, replace in PLACEHOLDER_STEPS.items():
            if name in steps:
                text, found = replace(text)
                counts[name] += found
                again = again or found > 0
    return text


def _normalise_white_space(text: str, counts: defaultdict[str, int]) -> str:
    normalised = normalise_white_space(text)
    counts["white_space"] += len(text) - len(normalised)
    return normalised


def compose(text: str) -> tuple[str, int]:
    """Returns `text` in composed form (NFC), and the number of words changed."""
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    composed = unicodedata.normalize("NFC", text)
    return composed, count_changed_words(text, composed)

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
import unicodedata
from collections import Counter

from halo.config import CleaningConfig
from halo.text.class_tokens import CLASS_STEPS, NUMBER_POLICIES, PLACEHOLDERS, protect, write_out
from halo.text.markup import remove_markup

# Lone halves of surrogate pairs cannot be written as UTF-8; the internal characters of class tokens are no text either.
_INVALID = re.compile("[\ud800-\udfff" + "".join(PLACEHOLDERS) + "]")
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
_TYPOGRAPHIC = re.compile("[" + "".join(_TYPOGRAPHY) + "]")
_DASHES = ("–", "—", "―", "--")
_RANGE_DASH = re.compile(r"(?<=\d) ?[–—] ?(?=\d)")
_DASH = re.compile(" *(?:[–—―]|--+)+ *")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")

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
    counts: Counter[str] = Counter()
    text = _remove_invalid(text, counts)
    before = ""
    while text != before:
        before = text
        text = _run_steps(text, config, counts)
        if "html" not in config.steps or "<" not in text:
            break  # else what a step put in or took out may have made a tag
    return write_out(text), {step: count for step, count in counts.items() if count}


def _run_steps(text: str, config: CleaningConfig, counts: Counter[str]) -> str:
    text = _decode(text.replace("\r\n", "\n").replace("\r", "\n"), config.steps, counts)
    text = _plain_white_space(text, counts)
    if "typography" in config.steps:
        text, count = plain_typography(text)
        counts["typography"] += count
    text = _replace_classes(text, config.steps, counts)
    if "special" in config.steps:
        text, count = remove_special_characters(text, config.keep_characters)
        counts["special"] += count
        if count:  # a mark that went may have stood between the parts of an address
            text = _replace_classes(normalise_white_space(text), config.steps, counts)
    text, count = apply_case(text, config.case)
    counts["case"] += count
    if count and "unicode" in config.steps:
        text = unicodedata.normalize("NFC", text)
    if config.numbers != "keep":
        text, count = NUMBER_POLICIES[config.numbers](text)
        counts["numbers"] += count
        if count:  # digits that went may have stood close to a telephone number
            text = _replace_classes(text, config.steps, counts)
    if any(space in text for space in ("  ", " \n", "\n ")) or text != text.strip(" "):
        text = normalise_white_space(text)
    return text


def _remove_invalid(text: str, counts: Counter[str]) -> str:
    if text.isascii():
        return text
    text, counts["invalid"] = _INVALID.subn(" ", text)
    return text


def _decode(text: str, steps: list[str], counts: Counter[str]) -> str:
    """Runs control, unicode and html, again and again while references uncover what one of them would change."""
    for _ in range(_MAX_MARKUP_LAYERS):
        if "control" in steps:
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


def _replace_classes(text: str, steps: list[str], counts: Counter[str]) -> str:
    for name, replace in CLASS_STEPS.items():
        if name in steps:
            text, found = replace(text)
            counts[name] += found
    return text


def _plain_white_space(text: str, counts: Counter[str]) -> str:
    plain = normalise_white_space(text)
    counts["white_space"] += len(text) - len(plain)
    return plain


def compose(text: str) -> tuple[str, int]:
    """Returns `text` in composed form (NFC), and how many words changed."""
    if unicodedata.is_normalized("NFC", text):
        return text, 0
    composed = unicodedata.normalize("NFC", text)
    return composed, _changed_words(text, composed)


def _changed_words(before: str, after: str) -> int:
    return sum(old != new for old, new in zip(before.split(), after.split(), strict=True))


def plain_typography(text: str) -> tuple[str, int]:
    """Returns `text` with plain quotation marks, dashes and ellipses, and how many were replaced.

    >>> plain_typography("10–14 days—or ‘more’")
    ("10-14 days - or 'more'", 4)
    """
    count = 0
    if not text.isascii() and (found := _TYPOGRAPHIC.findall(text)):
        count = len(found)
        text = _replace_each(text, {character: _TYPOGRAPHY[character] for character in set(found)})
    if any(dash in text for dash in _DASHES):
        text, ranges = _RANGE_DASH.subn("-", text)
        text, dashes = _DASH.subn(" - ", text)
        count += ranges + dashes
    return text, count


def remove_special_characters(text: str, keep: str) -> tuple[str, int]:
    """Returns `text` with a space for whatever is no letter, mark, digit, white space or one of `keep`; and how many.

    >>> remove_special_characters("50% #off 😀", "%")
    ('50%  off  ', 2)
    """
    candidates = _special_candidates(keep)
    has_underscore = "_" in text and "_" not in keep
    if not candidates.search(text) and not has_underscore:
        return text, 0
    special = {character for character in set(text) if candidates.match(character) and not _is_mark(character)}
    if has_underscore:
        special.add("_")
    count = sum(map(text.count, special))
    return _replace_each(text, dict.fromkeys(special, " ")), count


def _replace_each(text: str, replacements: dict[str, str]) -> str:
    """Replaces characters: one by one while they are few, which is ten times as fast as `str.translate`."""
    if len(replacements) > 16:
        return text.translate({ord(character): replacement for character, replacement in replacements.items()})
    for character, replacement in replacements.items():
        text = text.replace(character, replacement)
    return text


@functools.cache
def _special_candidates(keep: str) -> re.Pattern[str]:
    return re.compile(rf"[^\w\s{re.escape(keep + ''.join(PLACEHOLDERS))}]")


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"  # letters and numbers too, of newer Unicode than that of re


def apply_case(text: str, case: str) -> tuple[str, int]:
    """Returns `text` under the case policy `case`, see `CleaningConfig`, and how many words changed.

    >>> apply_case("The WHO's Non-PCR test, by O. Smith in the U.S., e.g. of B.1.1.7", "lower_keep_acronyms")
    ("the WHO's non-PCR test, by o. smith in the U.S., e.g. of B.1.1.7", 4)
    """
    if case == "keep":
        return text, 0
    if case == "lower":
        lowered = _lower(text)
        return lowered, 0 if lowered == text else _changed_words(text, lowered)
    rarer = (
        ()
        if text.isascii()
        else (letter for letter in set(text) if not letter.isascii() and letter.isalpha() and letter.lower() != letter)
    )
    count = 0

    def lower(match: re.Match[str]) -> str:
        nonlocal count
        word = match.group()
        rest = word[1:]
        plainly_small = not rest or (rest.isalpha() and rest.islower())
        if not plainly_small and (rest != rest.lower() or any(map(str.isdigit, rest))):
            return word
        count += 1
        return _lower(word)

    return _capitalised_word("".join(sorted(rarer))).sub(lower, text), count


def _lower(text: str) -> str:
    # The one capital whose small form is two characters would end a word in the middle: i and a dot above.
    return text.replace("İ", "I").lower()


@functools.lru_cache(maxsize=64)
def _capitalised_word(rarer: str) -> re.Pattern[str]:
    """Returns the pattern of a word that begins with a capital: no other ever changes.

    A word here is letters and digits with full stops and apostrophes inside (U.S, B.1.1.7, don't); a unit of
    temperature (°C) is none. The capitals of the text at hand are listed, because a set of all that there are is slow.

    Args:
        rarer: The capitals beyond A to Z.
    """
    return re.compile(rf"[A-Z{rarer}](?<![^\W_].)(?<!°.)(?<![^\W_][.'].)[^\W_]*(?:[.'][^\W_]+)*")


def normalise_white_space(text: str) -> str:
    """Returns `text` with one space between words and one blank line between paragraphs."""
    return "\n\n".join(paragraphs(text))


def count_paragraphs(text: str) -> int:
    """Returns how many paragraphs `text` has, faster than their texts are had."""
    return len(_PARAGRAPH_BREAK.findall(text.strip())) + bool(text.strip())


def paragraphs(text: str) -> list[str]:
    """Returns the paragraphs of `text`: what blank lines separate, each on one line, none of them empty."""
    lines = (" ".join(part.split()) for part in _PARAGRAPH_BREAK.split(text))
    return [line for line in lines if line]

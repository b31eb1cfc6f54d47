r"""The cleaning pipeline: pure functions on `str` that remove what is not text and keep what carries meaning.

The steps, in the order in which they run; `data.cleaning.steps` selects them:

control     removes control, zero-width and direction characters
unicode     composes characters (NFC); replaces ligatures and full-width letters by plain ones
html        decodes character references; removes tags, comments, scripts and style sheets
hyphenation joins words that are divided at the end of a line
typography  replaces quotation marks, dashes and ellipses by their typewriter forms
urls, emails, ibans, ids, ips, dates, streets, postcodes, phones, handles
            replaces these by placeholders: <url>, <email>, <iban>, <id>, <ip>, <date>, <street>, <postcode>, ...
special     removes emoji and other pictographs, or everything but letters, digits, white space and `keep_characters`

Before urls the patterns of the user (`data.cleaning.patterns`) are replaced, and after handles the names that a
named-entity engine finds, each by a placeholder.
Then the policies for letter case and numbers are applied. With `line_ends: eol` a line end within a paragraph becomes
the token <eol>, unless it divides a word that was joined. Other white space is always normalised: one blank line
between paragraphs, one space between words. Cleaning is idempotent: cleaning a cleaned text changes nothing.

>>> steps = ["control", "unicode", "html", "typography", "urls", "special"]
>>> rules = CleaningConfig(steps=steps, case="lower_keep_acronyms", numbers="keep", keep_characters=None)
>>> clean("The R0 of SARS–CoV–2 — about 2.5 ± 0.3 😷 — was “high”… See www.who.int!", rules)
'the R0 of SARS-CoV-2 - about 2.5 ± 0.3 - was "high"... see <url>!'
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from halo.config import CleaningConfig
from halo.corpus.cleaning.characters import uncommon_characters
from halo.corpus.cleaning.composition import compose
from halo.corpus.cleaning.hyphenation import join_divided_words, may_be_divided
from halo.corpus.cleaning.invisible_characters import JOINERS, remove_invisible_characters
from halo.corpus.cleaning.letter_case import CapitalisedWords, apply_case
from halo.corpus.cleaning.markup.html import remove_markup
from halo.corpus.cleaning.personal.addresses import find_domains
from halo.corpus.cleaning.personal.named_entities import find_entities, replace_entities
from halo.corpus.cleaning.personal.spans import replace_spans
from halo.corpus.cleaning.personal_data import PLACEHOLDER_STEPS, further_placeholders, own_steps
from halo.corpus.cleaning.placeholders import (
    INTERNAL,
    KINDS,
    NUMBER_POLICIES,
    SEPARATOR,
    URL,
    decode_placeholders,
    encode_placeholders,
    mark_line_ends,
)
from halo.corpus.cleaning.special_characters import remove_special_characters
from halo.corpus.cleaning.typography import replace_typography
from halo.corpus.cleaning.white_space import close_gaps, normalise_white_space

# Lone halves of surrogate pairs cannot be encoded as UTF-8, and the internal stand-ins of placeholders are not text.
_INVALID = re.compile("[\ud800-\udfff" + INTERNAL + "]")
_WORD_CHARACTER = re.compile(r"\w")

_UNSTABLE = ("<", *JOINERS)

# HTML within HTML within HTML: no real document nests deeper than this.
_MAX_MARKUP_LAYERS = 8


@dataclass
class CleaningCounts:
    """Counts of what cleaning changed.

    Attributes:
        steps: Number of changes by each step; steps that changed nothing are absent. `control`, `special` and
            `white_space` count characters removed, `typography` characters replaced; `unicode`, `hyphenation` and
            `case` count words; `html` counts references and tags; `numbers` counts digits or numbers, `line_ends` line
            ends; the steps that put in placeholders count occurrences, and so do `<NAME>` for a pattern of the user's
            and `<person>` for the names of persons; `invalid` counts characters that no text may contain, such as half
            a surrogate pair, and is independent of the settings.
        removed: Number of occurrences of each character that the step `special` removed.
        capitalised: The words that the step `case` lowercased.
    """

    steps: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    capitalised: CapitalisedWords = field(default_factory=CapitalisedWords)

    def add(self, other: "CleaningCounts") -> None:
        """Adds the counts of another text."""
        self.steps.update(other.steps)
        self.removed.update(other.removed)
        self.capitalised.add(other.capitalised)


def clean(text: str, config: CleaningConfig) -> str:
    """Returns `text` cleaned, with one blank line between paragraphs and single spaces between words."""
    return clean_counted(text, config)[0]


def clean_counted(text: str, config: CleaningConfig) -> tuple[str, CleaningCounts]:
    """Returns `text` cleaned, and the number of changes by each step."""
    counts = CleaningCounts()
    return _clean(_remove_invalid(text, counts), config, counts), counts


def clean_together(texts: Sequence[str], config: CleaningConfig) -> tuple[list[str], CleaningCounts]:
    """Returns each text cleaned as by `clean_counted`, and the number of changes by each step in all of them.

    Short texts are cleaned as paragraphs of a single text: no step but `html` and `hyphenation` looks beyond a
    paragraph, and each step has a fixed overhead even if it finds nothing.
    """
    counts = CleaningCounts()
    joined = f"\n\n{SEPARATOR}\n\n".join(texts)
    alone = any(mark in joined for mark in "<&\r") or may_be_divided(joined)
    has_separator = joined.count(SEPARATOR) >= len(texts)
    invalid = _INVALID.search(uncommon_characters(joined).replace(SEPARATOR, ""))
    if len(texts) > 1 and not (alone or has_separator or invalid) and all(map(_WORD_CHARACTER.search, texts)):
        return [text.strip("\n") for text in _clean(joined, config, counts).split(SEPARATOR)], counts
    cleaned = []
    for text in texts:
        cleaned_text, text_counts = clean_counted(text, config)
        cleaned.append(cleaned_text)
        counts.add(text_counts)
    return cleaned, counts


def _clean(text: str, config: CleaningConfig, counts: CleaningCounts) -> str:
    before, removed = "", -1
    further = further_placeholders(config)
    while text != before and (removed < counts.removed.total() or any(mark in text for mark in _UNSTABLE)):
        # An insertion or removal may have produced a tag, or parted a quotation mark or joiner from its word.
        has_names = config.engine is not None and removed < 0  # it reads a text once, while that has its capitals
        before, removed = text, counts.removed.total()
        text = _run_steps(text, config, counts, further, has_names=has_names)
    counts.steps = +counts.steps  # only positive ones
    return decode_placeholders(text, further)


def _run_steps(
    text: str, config: CleaningConfig, counts: CleaningCounts, further: Mapping[str, str], *, has_names: bool
) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _decode(text, config.steps, counts, further)
    uncommon = uncommon_characters(text)
    if "hyphenation" in config.steps:
        text, count = join_divided_words(text)
        counts.steps["hyphenation"] += count
    if config.line_ends == "eol":
        text, count = mark_line_ends(text)
        counts.steps["line_ends"] += count
    text = _normalise_white_space(text, counts)
    if "typography" in config.steps:
        text, count = replace_typography(text, uncommon)
        counts.steps["typography"] += count
        if count and (text != text.strip(" ") or any(dash in text for dash in ("-  -", "- \n", "\n -"))):
            text = close_gaps(text)
    text = _replace_by_placeholders(text, config, counts)
    if has_names:
        text = _replace_names(text, config, counts)
    if "special" in config.steps:
        text, removed = remove_special_characters(text, uncommon, keep=config.keep_characters)
        counts.steps["special"] += removed.total()
        counts.removed.update(removed)
        if removed:  # a removed mark may have separated the parts of an address
            text = _replace_by_placeholders(close_gaps(text), config, counts)
    text = _apply_case(text, uncommon, config, counts)
    if config.numbers != "keep":
        text, count = NUMBER_POLICIES[config.numbers](text)
        counts.steps["numbers"] += count
        if count:  # replaced digits may have been adjacent to a telephone number
            text = _replace_by_placeholders(text, config, counts)
    return text


def _apply_case(text: str, uncommon: str, config: CleaningConfig, counts: CleaningCounts) -> str:
    text, count = apply_case(text, uncommon, case=config.case, capitalised=counts.capitalised)
    counts.steps["case"] += count
    if count and "unicode" in config.steps:
        text = unicodedata.normalize("NFC", text)
    if count and config.has_further_placeholders:  # sw1a 1aa became SW1A 1AA
        text = _replace_by_placeholders(text, config, counts)
    if count and "urls" in config.steps:  # Nature.com became nature.com
        domains = find_domains(text)
        counts.steps["urls"] += len(domains)
        if domains:
            text = _replace_by_placeholders(replace_spans(text, domains, URL), config, counts)
    return text


def _remove_invalid(text: str, counts: CleaningCounts) -> str:
    if _INVALID.search(uncommon_characters(text)):
        text, counts.steps["invalid"] = _INVALID.subn(" ", text)
    return text


def _decode(text: str, steps: list[str], counts: CleaningCounts, further: Mapping[str, str]) -> str:
    """Runs control, unicode and html, repeatedly while decoded references give one of them more to change."""
    for _ in range(_MAX_MARKUP_LAYERS):
        if "control" in steps:
            text, removed = remove_invisible_characters(text)
            counts.steps["control"] += removed
        text = encode_placeholders(text, further)  # before a combining mark is composed with the closing bracket
        if "unicode" in steps:
            text, changed = compose(text)
            counts.steps["unicode"] += changed
        if "html" not in steps:
            return text
        text, found = remove_markup(text)
        if not found:
            return text
        counts.steps["html"] += found
    counts.steps["html"] += text.count("<") + text.count("&")
    text = text.replace("<", " ").replace("&", " ")
    return _decode(text, [step for step in steps if step != "html"], counts, further)


def _replace_by_placeholders(text: str, config: CleaningConfig, counts: CleaningCounts) -> str:
    steps = {name: step for name, step in PLACEHOLDER_STEPS.items() if name in config.steps}
    if config.patterns:
        steps = own_steps(config) | steps
    again = True
    while again:  # a replacement may turn its neighbour into a match
        again = False
        for name, step in steps.items():
            if spans := step.find(text):
                text = replace_spans(text, spans, step.stand_in)
                counts.steps[name] += len(spans)
                again = True
    return text


def _replace_names(text: str, config: CleaningConfig, counts: CleaningCounts) -> str:
    entities = find_entities(text, str(config.engine_model))
    counts.steps.update(f"<{entity.kind}>" for entity in entities)
    return replace_entities(text, entities, KINDS)


def _normalise_white_space(text: str, counts: CleaningCounts) -> str:
    normalised = normalise_white_space(text)
    counts.steps["white_space"] += len(text) - len(normalised)
    return normalised

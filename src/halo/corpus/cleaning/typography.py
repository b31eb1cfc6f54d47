"""Plain typewriter forms of quotation marks, apostrophes, hyphens, dashes and ellipses.

Hyphens, minus signs, quotation marks and apostrophes have look-alikes, and one word should have one spelling: COVID–19
and COVID‑19 are COVID-19, don´t and don`t are don't. What has another meaning stays: the primes of 5′ 30″ and f′(x),
the backticks around code, and the ʻokina at the beginning of a word, where an apostrophe would be a quotation mark;
within a word, as in Hawaiʻi, it becomes one.
"""

import re

from halo.corpus.cleaning.characters import replace_characters

REPLACEMENTS = {
    **dict.fromkeys("‘’‚‛‹›ʼ´՚＇❛❜‵", "'"),
    **dict.fromkeys("“”„‟«»〝〞〟＂❝❞⹂‶", '"'),
    **dict.fromkeys("‐‑‒−⁃﹘﹣－", "-"),
    "…": "...",
}
TYPEWRITER_MARKS = "'\"-."
"""The characters that `replace_typography` puts in."""

_TYPOGRAPHIC = re.compile("[" + "".join(REPLACEMENTS) + "]")
_L = r"[^\W\d_]"  # a letter
# « bonjour » has its spaces inside, which »Hallo« has not.
_SPACED_GUILLEMETS = re.compile(r"(?<![^\s(\[])« ([^«»\n]*?) »(?!\w)")
# What has one of these characters is searched for the pattern; what replaces it contains none of them.
_RULES = (
    # ``quoted'' and `quoted' of LaTeX, and an apostrophe; what stands between two backticks is code.
    (frozenset("`"), re.compile(r"(?<!`)``(?!`)([^`\n]*?)''"), r'"\1"'),
    (frozenset("`"), re.compile(r"(?<![\w`])`([^\s`'](?:[^`'\n]*[^\s`'])?)'(?!\w)"), r"'\1'"),
    (frozenset("`"), re.compile(rf"(?<!\S)([^\s`]*{_L})`({_L}[^\s`]*)(?!\S)"), r"\1'\2"),
    # Modifier letters after a letter, as in Hawaiʻi and Rusʹ.
    (frozenset("ʹʻʽꞋꞌ"), re.compile(rf"(?<={_L})[ʹʻʽꞋꞌ]"), "'"),
    # Primes, unless they follow a number or a variable: 5′ 30″, f′(x).
    (frozenset("′"), re.compile("′′"), "″"),
    (
        frozenset("′"),
        re.compile(rf"(?<={_L})′(?=[a-z]|{_L}{_L})|(?<={_L}{_L})′|(?<=[.,;:?!])′|(?<![^\s(\[])′(?=\w)"),
        "'",
    ),
    (frozenset("″′"), re.compile(rf"(?<={_L}{_L})″|(?<=[.,;:?!)\]])″|(?<![^\s(\[])″(?=\S)"), '"'),
    # Before a number it is a minus sign, unless it stands between two: at –5 °C.
    (frozenset("–"), re.compile(r"(?<!\d )(?<![^\s(\[=])–(?=\.?\d)"), "-"),
    # Without spaces around it an en dash joins, as in non–ICU, Guillain–Barré and 5%–10%.
    (frozenset("–"), re.compile(r"(?<=[^\s.,;:?!\"'–—―-])–(?=[^\s.,;:?!\"'–—―-])"), "-"),
)

_RANGE_DASH = re.compile(r"—(?:(?<=\d—)|(?<=\d —)) ?(?=\d)")
_RANGE_HYPHENS = re.compile(r"(?<=\d)--(?=\d)")  # of LaTeX
# Not those of an option in a command, as in --help, nor those of an arrow.
_HYPHENS = re.compile(r"(?!(?<!\S)--[A-Za-z])(?<![<-])--+(?![>-])")
_DASH = re.compile("[–—―⸺⸻]")
_DASHES = re.compile("——*")


def replace_typography(text: str, uncommon: str) -> tuple[str, int]:
    r"""Returns `text` with plain quotation marks, apostrophes, hyphens, dashes and ellipses; and how many it replaced.

    >>> replace_typography("10–14 days—or ‘more’", "–—‘’")
    ("10-14 days - or 'more'", 4)
    >>> replace_typography("SARS–CoV–2, Paul´s 5′, ``so'' `code`", "–´′`")
    ('SARS-CoV-2, Paul\'s 5′, "so" `code`', 4)

    Args:
        text: The text to change.
        uncommon: Its uncommon characters, see `uncommon_characters`; further characters do no harm.
    """
    count = 0
    if "«" in uncommon:
        text, count = _SPACED_GUILLEMETS.subn(r'"\1"', text)
    if found := _TYPOGRAPHIC.findall(uncommon):
        count += sum(map(text.count, found))
        text = replace_characters(text, {character: REPLACEMENTS[character] for character in found})
    for characters, pattern, replacement in _RULES:
        if not characters.isdisjoint(uncommon):
            text, replaced = pattern.subn(replacement, text)
            count += replaced
    if "--" in text or _DASH.search(uncommon):
        text, dashes = _replace_dashes(text)
        count += dashes
    return text, count


def _replace_dashes(text: str) -> tuple[str, int]:
    """Returns `text` with a hyphen for the dash of a range, a spaced one for other dashes and --; and their number."""
    text = _RANGE_HYPHENS.sub("—", text.replace("–", "—"))
    text, ranges = _RANGE_DASH.subn("–", text)  # no en dash is left, so it can mark ranges
    text = text.replace(" –", "-").replace("–", "-")
    for dash in "―⸺⸻":
        text = text.replace(dash, "—")
    text = _HYPHENS.sub("—", text)
    first, *others = _DASHES.split(text)
    if not others:
        return text, ranges
    parts = [first.rstrip(" "), *(part.strip(" ") for part in others[:-1]), others[-1].lstrip(" ")]
    return " - ".join(parts), ranges + len(others)

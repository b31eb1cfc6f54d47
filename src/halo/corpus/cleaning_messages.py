"""Sentences about the cleaning of a prepared text, for the terminal and the data report."""

from collections.abc import Mapping
from typing import Any

from halo.corpus.store.statistics_file import CorpusStatistics

MIN_SHARE_DESCRIBED = 0.01
MAX_CHARACTERS = 5
MIN_LINE_ENDS = 6
MIN_EARLY_SHARE = 0.25


def describe_removed_characters(statistics: CorpusStatistics, settings: Mapping[str, Any]) -> list[str]:
    """Returns what a user should know about the characters that the step `special` removed; empty if they are few.

    Args:
        statistics: The statistics of the text.
        settings: The settings `data.cleaning`.
    """
    share = statistics.cleaning.get("special", 0) / max(statistics.characters_read, 1)
    if share <= MIN_SHARE_DESCRIBED:
        return []
    ordered = sorted(statistics.removed.items(), key=lambda item: -item[1])[:MAX_CHARACTERS]
    characters = ", ".join(f"{_visible(character)} ({number:,})" for character, number in ordered)
    lines = [f"Cleaning removed {share:.1%} of the characters, most often {characters}."]
    if settings["keep_characters"] is not None:
        lines.append("  To keep signs of all scripts, set data.cleaning.keep_characters to null, or add these to it.")
    return [*lines, "  To keep all characters, leave special out of data.cleaning.steps."]


def describe_line_ends(counts: Mapping[str, int]) -> list[str]:
    """Returns what a user should know about line ends that were joined; empty if they look like those of wrapped prose.

    Args:
        counts: The counts of `LineEndCounter`.
    """
    examined, early = counts["examined"], counts["early"]
    if examined < MIN_LINE_ENDS or early < MIN_EARLY_SHARE * examined:
        return []
    return [
        f"The lines of each paragraph were joined, and {early / examined:.0%} of them end early, as in verse or source "
        "code. To keep the lines, set data.cleaning.line_ends=eol, or data.documents=line if each is a text by itself."
    ]


def _visible(character: str) -> str:
    r"""Returns a character, or its code point if it cannot be seen.

    >>> _visible("😀"), _visible("\ue000")
    ('😀', 'U+E000')
    """
    return character if character.isprintable() else f"U+{ord(character):04X}"

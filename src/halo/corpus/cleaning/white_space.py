"""White space and paragraphs: one space between words, one blank line between paragraphs."""

import re

from halo.corpus.cleaning.characters import uncommon_characters

_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


def normalise_white_space(text: str) -> str:
    """Returns `text` with one space between words and one blank line between paragraphs."""
    for character in uncommon_characters(text):
        if character.isspace() and character != "\n":
            text = text.replace(character, " ")
    return close_gaps(text)


def close_gaps(text: str) -> str:
    """Returns what `normalise_white_space` returns, for a text whose only white space is spaces and line feeds."""
    text = "\n".join([line.strip(" ") for line in text.split("\n")])
    while "  " in text:
        text = text.replace("  ", " ")
    parts = [part.strip("\n").replace("\n", " ") for part in text.split("\n\n")]
    return "\n\n".join([part for part in parts if part])


def lines_to_paragraphs(text: str) -> str:
    """Returns `text` with each line as a paragraph of its own; blank lines are dropped."""
    return "\n\n".join(line for line in text.splitlines() if line.strip())


def count_paragraphs(text: str) -> int:
    """Returns the number of paragraphs of `text`; faster than `len(paragraphs(text))`."""
    return len(_PARAGRAPH_BREAK.findall(text.strip())) + bool(text.strip())


def paragraphs(text: str) -> list[str]:
    """Returns the paragraphs of `text`, which are separated by blank lines, each on one line, none of them empty."""
    normalised = normalise_white_space(text)
    return normalised.split("\n\n") if normalised else []

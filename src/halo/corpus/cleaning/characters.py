"""The uncommon characters of a text, among which every cleaning step looks first, and their replacement."""

import functools
import string

# Deleting bytes of UTF-8 takes no Python step for each, and these are all but a few percent of most texts.
_COMMON = (string.ascii_letters + string.digits + " ").encode()


@functools.lru_cache(maxsize=1)  # several steps ask, and few of them change the text
def uncommon_characters(text: str) -> str:
    """Returns the distinct characters of `text` other than ASCII letters, ASCII digits and the space, in any order.

    Searching these is far faster than searching the text.

    >>> sorted(uncommon_characters("Café, 5 cm, café"))
    [',', 'é']
    """
    encoded = text.encode("utf-8", "surrogatepass")
    return "".join(set(encoded.translate(None, _COMMON).decode("utf-8", "surrogatepass")))


def replace_characters(text: str, replacements: dict[str, str]) -> str:
    """Returns `text` with the keys of `replacements`, which are single characters, replaced by their values.

    No value may contain one of the keys.
    """
    # One by one while they are few: `str.translate` is slow on text that is not ASCII.
    if len(replacements) > 16 or text.isascii():
        return text.translate({ord(character): replacement for character, replacement in replacements.items()})
    for character, replacement in replacements.items():
        text = text.replace(character, replacement)
    return text

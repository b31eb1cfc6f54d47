"""The texts that Python code passes: one string or several, checked."""

from collections.abc import Iterable, Mapping

from halo.runtime.errors import InputError, require

Texts = list[str] | tuple[str, ...]
"""Several texts; a string would be a sequence of its characters."""

MAX_SHOWN = 60
"""The number of characters of a wrong argument that a message shows."""


def several(texts: str | Iterable[str], *, key: str = "texts") -> list[str]:
    """Returns the texts of an argument, which may be a single one, as a list.

    >>> several("a"), several(("a", "b"))
    (['a'], ['a', 'b'])
    """
    is_iterable = isinstance(texts, Iterable) and not isinstance(texts, bytes | Mapping)
    require(is_iterable, key, repr(texts)[:MAX_SHOWN], "must be a string or several strings")
    return [texts] if isinstance(texts, str) else list(texts)


def require_text(text: object) -> None:
    """Raises `InputError` unless a text is a string."""
    allowed = "must be a string; read a file with Path(...).read_text(), and give several texts one by one"
    require(isinstance(text, str), "text", repr(text)[:MAX_SHOWN], allowed)


def without_words(text: str) -> InputError:
    """Returns the error for a text that is empty after cleaning."""
    return InputError(f"text={text[:40]!r}: contains no words; give some text")

"""Quoting for Hydra's grammar of overrides, in which many characters have a meaning of their own."""

import re


def quote_value(text: str) -> str:
    r"""Returns a text as a quoted value of a Hydra override, which Hydra reads as that text.

    Hydra takes a backslash literally except before a quotation mark or the end, where each must be doubled. It
    resolves interpolations, `${...}`, in quoted values as well.

    >>> print(quote_value("Dad's runs, 1"))
    'Dad\'s runs, 1'
    """
    escaped = re.sub(r"(\\*)('|$)", lambda match: match[1] * 2 + "\\'" * bool(match[2]), text)
    return f"'{escaped}'"

"""Types that the settings share: ranges of numbers, paths, and how Pydantic checks them."""

import codecs
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from halo.runtime.hydra_quoting import expand_home

OPTIONS = ConfigDict(extra="forbid", allow_inf_nan=False, coerce_numbers_to_str=True, defer_build=True)
"""Unknown keys and non-finite numbers are refused; a number is accepted as text, so that `run=2026` names a folder."""


@dataclass(frozen=True)
class Allowed:
    """States the allowed values of a setting in words, where its type does not say enough.

    Attributes:
        text: Completes the sentence "The value must be ...".
    """

    text: str


# Strict: Pydantic would otherwise take `true` and "5" for numbers.
Integer = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
CountFromZero = Annotated[int, Field(strict=True, ge=0)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**63), Allowed("a whole number from 0 to below 2^63")]

# Far larger than useful: a number with too many digits is an error and not a request for memory.
Size = Annotated[int, Field(strict=True, ge=1, le=2**20)]

Positive = Annotated[float, Field(strict=True, gt=0)]
NonNegative = Annotated[float, Field(strict=True, ge=0)]
Fraction = Annotated[float, Field(strict=True, gt=0, lt=1)]
Probability = Annotated[float, Field(strict=True, ge=0, lt=1)]
Share = Annotated[float, Field(strict=True, gt=0, le=1)]
Divisor = Annotated[float, Field(strict=True, ge=1)]

NonEmpty = Annotated[str, Field(min_length=1)]
PathText = Annotated[str, Field(min_length=1), AfterValidator(expand_home)]
"""A path, in which `~` at the start is the home folder."""

_Path = Annotated[str, Field(strict=True, pattern=r"\S"), AfterValidator(expand_home)]
Paths = Annotated[
    _Path | Annotated[list[_Path], Field(min_length=1)] | None,
    Allowed("a path or URL, or a list of them"),
]
PathList = Annotated[list[_Path], Field(min_length=1)]
"""A list of paths; on the command line, commas separate them if the setting is one of `COMMA_LISTS`."""


def _require_encoding(name: str) -> str:
    try:
        "a".encode(name)  # refuses what is not from text to bytes, such as rot13
        found = codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError) as error:  # ValueError: a NUL character in the name
        raise PydanticCustomError("encoding", "unknown") from error
    if found in ("idna", "punycode", "unicode_escape", "raw-unicode-escape", "unicode-escape", "undefined"):
        raise PydanticCustomError("encoding", "not of files")
    return found


Encoding = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_require_encoding),
    Allowed("a text encoding that Python knows, such as utf-8, cp1252, utf-16 or gb18030"),
]
"""The name of a text encoding, as Python's `codecs` calls it."""

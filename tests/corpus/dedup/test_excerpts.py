"""Excerpts: both texts from the same place, around their first difference."""

import pytest

from halo.corpus.dedup.excerpts import CONTEXT_CHARACTERS, EXCERPT_CHARACTERS, differing_excerpts

LONG = "word " * 100


@pytest.mark.parametrize(
    ("dropped", "kept", "expected"),
    [
        ("the same", "the same", ("the same", "the same")),
        ("one\n\ntwo", "one two three", ("one two", "one two three")),
        (f"{LONG}red", f"{LONG}blue", (f"…{LONG[-CONTEXT_CHARACTERS:]}red", f"…{LONG[-CONTEXT_CHARACTERS:]}blue")),
        (LONG, LONG, (f"{LONG[:EXCERPT_CHARACTERS]}…",) * 2),
        ("", "text", ("", "text")),
    ],
)
def test_excerpts_show_the_first_difference(dropped: str, kept: str, expected: tuple[str, str]) -> None:
    assert differing_excerpts(dropped, kept) == expected

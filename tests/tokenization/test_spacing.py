"""Spacing of tokens: by the category of a mark, in any script."""

import pytest

from halo.tokenization.spacing import spacing


@pytest.mark.parametrize(
    ("marks", "left", "right"),
    [
        (".,;:?!)]}؟،।።։…™°′", True, False),
        ("([{¿¡", False, True),
        ("/\\^。，！？「」（）《你はー", True, True),
        ("&*@#%§+=<>~|-–—€$£©•", False, False),
    ],
)
def test_each_mark_has_its_sides(marks: str, left: bool, right: bool) -> None:
    for mark in marks:
        assert spacing(mark) == (left, right), mark


@pytest.mark.parametrize("token", ["virus", "Ünal", "12", "--", "==", "->", "می\u200cخواهم", "안녕", ":)", ""])
def test_words_and_operators_stand_by_themselves(token: str) -> None:
    assert spacing(token) == (False, False)

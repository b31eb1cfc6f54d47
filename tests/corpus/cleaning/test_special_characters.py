"""Special characters: what is removed, and what `keep` keeps."""

import pytest

from halo.corpus.cleaning.special_characters import remove_special_characters


@pytest.mark.parametrize(
    ("text", "keep", "cleaned", "count"),
    [
        ("a_b *c* 😀", "", "a b  c   ", 4),
        ("a_b *c*", "_*", "a_b *c*", 0),
        ("naïve e\u0301 日本 ½ Ⅷ", "", "naïve e\u0301 日本 ½ Ⅷ", 0),
        ("[a]-b^", "]-^", " a]-b^", 1),
        ("a\tb\nc", "", "a\tb\nc", 0),
    ],
)
def test_what_is_not_a_letter_digit_or_kept_becomes_a_space(text: str, keep: str, cleaned: str, count: int) -> None:
    assert remove_special_characters(text, text, keep=keep) == (cleaned, count)


def test_marks_that_typography_put_in_need_not_be_listed() -> None:
    assert remove_special_characters('"a" - b', "", keep="-") == (" a  - b", 2)

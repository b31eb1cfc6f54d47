"""Uncommon characters, and the replacement of characters."""

from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.characters import replace_characters, uncommon_characters


@given(st.text(st.characters() | st.sampled_from("aZ0 \n\ud800")))
def test_uncommon_are_all_characters_but_ascii_letters_digits_and_space(text: str) -> None:
    found = uncommon_characters(text)
    assert len(found) == len(set(found))
    assert set(found) == {each for each in text if not (each.isascii() and each.isalnum()) and each != " "}


@given(st.text(st.sampled_from("abcé—x")), st.booleans())
def test_few_and_many_replacements_do_the_same(text: str, many: bool) -> None:
    replacements = {"a": "1", "é": "", "—": "--"}
    unused = {chr(0x4E00 + number): "?" for number in range(20)} if many else {}
    expected = text.replace("a", "1").replace("é", "").replace("—", "--")
    assert replace_characters(text, {**replacements, **unused}) == expected

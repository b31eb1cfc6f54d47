"""Invisible characters: removed, unless they belong to the spelling of a word, or stand for a space."""

import pytest

from halo.corpus.cleaning.invisible_characters import remove_invisible_characters


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u200bb\x07 \ufeffc\td", "ab c\td"),
        ("a\ufeffb\u2060c\u00add\u034fe\u200ef\u202eg\ufe0f\ufe00\U000e0041", "abcdefg"),
        ("zero\u200bwidth, la\u200ctin, x\u200dy, 👩\u200d💻, 日本\u200b語", "zerowidth, latin, xy, 👩💻, 日本語"),
        ("می\u200cخواهم کتاب\u200cها", "می\u200cخواهم کتاب\u200cها"),
        ("می\u200c\u200cخواهم کتاب\u200c ", "می\u200cخواهم کتاب "),
        ("ශ්\u200dරී ක්\u200dෂ", "ශ්\u200dරී ක්\u200dෂ"),
        ("क्\u200dष क्\u200cष", "क्\u200dष क्\u200cष"),
        ("അവന്\u200d .", "അവന്\u200d ."),  # a letter at the end of a word
        ("ภาษา\u200bไทย ខ្មែរ\u200bខ្មែរ ລາວ\u200bລາວ မြန်\u200bမာ", "ภาษา ไทย ខ្មែរ ខ្មែរ ລາວ ລາວ မြန် မာ"),
        ("ใช้\u200bWindows", "ใช้ Windows"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("⠃⠗⠇\u2800⠃ a\u3164b", "⠃⠗⠇ ⠃ a b"),
        ("vac\u00ad\ncine, soft\u00adhyphen, end\u00ad\n\nnext", "vaccine, softhyphen, end\n\nnext"),
    ],
)
def test_what_is_invisible_goes_where_it_does_not_spell(text: str, cleaned: str) -> None:
    assert remove_invisible_characters(text)[0] == cleaned
    assert remove_invisible_characters(cleaned) == (cleaned, 0)


def test_removed_characters_are_counted() -> None:
    assert remove_invisible_characters("می\u200c\u200cخ \u200b\ufeffภ")[1] == 3

"""Text from outside becomes markup that shows it as it is."""

from halo.reports.data_report.markup import prose, quoted, visible, visible_text
from tests.support.report_pages import HOSTILE, Page


def test_a_hostile_text_is_shown_character_by_character() -> None:
    shown = HOSTILE.replace("\u202e", "U+202E").replace("\x00", "U+0000").replace("\ud83d", "U+D83D")
    assert Page(visible(HOSTILE)).text == shown
    assert {tag for tag, _ in Page(visible(HOSTILE)).elements} == {"span"}
    assert visible_text(HOSTILE) == shown


def test_letters_marks_and_joiners_of_any_script_stay() -> None:
    text = "naïve שלום สวัสดี 👩\u200d⚕️ \t\n\u200c"
    assert visible(text) == text


def test_a_long_passage_is_cut_and_says_so() -> None:
    assert Page(quoted("a" * 1_010, limit=10)).text == f"{'a' * 10} … and 1,000 more characters"
    assert quoted("<") == '<bdi dir="auto">&lt;</bdi>'


def test_names_of_settings_stand_out_and_the_rest_is_escaped() -> None:
    assert prose("<set> data.tokenizer.kind=bpe.") == "&lt;set&gt; <code>data.tokenizer.kind=bpe</code>."

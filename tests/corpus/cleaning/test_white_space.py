"""White space: single spaces, single blank lines, and paragraphs."""

from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.white_space import close_gaps, count_paragraphs, normalise_white_space, paragraphs


@given(st.text(st.sampled_from("ab \n\t\r\x0b\u3000\u2028")))
def test_white_space_is_single_spaces_and_blank_lines(text: str) -> None:
    normalised = normalise_white_space(text)
    assert normalised.split() == text.split()
    assert set(normalised) <= set("ab \n")
    assert "  " not in normalised
    assert "\n" not in normalised.replace("\n\n", "")
    assert normalise_white_space(normalised) == normalised


@given(st.text(st.sampled_from("ab \n")))
def test_closing_gaps_is_enough_for_spaces_and_line_feeds(text: str) -> None:
    assert close_gaps(text) == normalise_white_space(text)


@given(st.text())
def test_paragraphs_hold_no_line_breaks_and_no_margins(text: str) -> None:
    for paragraph in paragraphs(text):
        assert paragraph == " ".join(paragraph.split())
        assert paragraph


@given(st.text(st.sampled_from("a \n\t\r\x0b")))
def test_paragraphs_are_counted_as_they_are_cut(text: str) -> None:
    assert count_paragraphs(text) == len(paragraphs(text))

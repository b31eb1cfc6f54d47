"""Typography: quotation marks, dashes and ellipses in their typewriter forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.typography import TYPEWRITER_MARKS, replace_typography


@pytest.mark.parametrize(
    ("text", "plain", "count"),
    [
        ("“a” ‘b’ «c»…", '"a" \'b\' "c"...', 7),
        ("10–14, 10 – 14 and 10—14", "10-14, 10-14 and 10-14", 3),
        ("a – b, a--b and a———b", "a - b, a - b and a - b", 3),
        ("−5 and 3‑fold", "-5 and 3-fold", 2),
        ("a-b - c", "a-b - c", 0),
    ],
)
def test_marks_and_dashes_become_plain(text: str, plain: str, count: int) -> None:
    assert replace_typography(text, text) == (plain, count)


@given(st.text(st.sampled_from("a1 “”‘…–—―-−")))
def test_only_typewriter_marks_are_left(text: str) -> None:
    plain, _ = replace_typography(text, text)
    assert set(plain) <= {*"a1 ", *TYPEWRITER_MARKS}

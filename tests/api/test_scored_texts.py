"""Scored texts as rows and as coloured text."""

import pytest

from halo.api.scored_texts import MAX_SHOWN_TEXTS, ScoredTexts
from halo.scoring.scored_text import ScoredText, ScoredWord

TEXT = ScoredText(
    (),
    (
        ScoredWord("<b>", 0, 3, 2.0, rank=1),
        ScoredWord("zyzzyva", 4, 11, 40.0, is_known=False),
        ScoredWord("😀", 12, 13, None, note="removed"),
    ),
)


def test_rows_have_numbers_of_text_and_word() -> None:
    rows = ScoredTexts([TEXT, TEXT]).rows()
    assert [(row["text_number"], row["word_number"], row["text"]) for row in rows][2:4] == [(0, 2, "😀"), (1, 0, "<b>")]
    assert rows[0]["bits"] == 2.0
    assert "alternatives" not in rows[0]
    pandas = pytest.importorskip("pandas")
    frame = ScoredTexts([TEXT]).to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["bits"].isna().tolist() == [False, False, True]


def test_coloured_text_is_escaped_and_bounded() -> None:
    shown = ScoredTexts([TEXT] * (MAX_SHOWN_TEXTS + 3))._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
    assert shown.count("zyzzyva") == MAX_SHOWN_TEXTS
    assert "rgba(255, 140, 0, 0.60)" in shown
    assert "and 3 more texts" in shown

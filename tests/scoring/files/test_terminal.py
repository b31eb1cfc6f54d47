"""On a terminal scores are tables with bars, within 80 columns."""

from halo.scoring.files.terminal import TerminalWriter

NAMES = ["sentence_id", "word", "surprisal_bits", "entropy_bits", "rank", "known", "kneser_ney_bits", "note"]


def test_each_text_is_a_table_with_bars() -> None:
    lines: list[str] = []
    rows = [
        {"sentence_id": 1, "word": "the", "surprisal_bits": 2.4, "entropy_bits": 5.0, "rank": 1, "known": True},
        {
            "sentence_id": 1,
            "word": "x\x1b[31m",
            "surprisal_bits": 900.0,
            "entropy_bits": 5.0,
            "rank": 9,
            "known": False,
        },
        {"sentence_id": 2, "word": "😀", "note": "removed"},
        {"sentence_id": 3, "note": "empty"},
    ]
    TerminalWriter(NAMES, lines.append).write(rows)
    text = "".join(lines)
    assert "Text 1: surprisal in bits" in text
    assert "2.40" in text
    assert "│ ##  " in text
    assert "<unk>" in text
    assert "\x1b" not in text
    assert "removed" in text
    assert "empty" in text
    assert max(map(len, text.splitlines())) <= 80


def test_rows_of_whole_texts_are_one_table() -> None:
    lines: list[str] = []
    writer = TerminalWriter(["sentence_id", "text", "surprisal_bits", "perplexity_per_token"], lines.append)
    writer.write(
        [{"sentence_id": n, "text": "a b", "surprisal_bits": 20.0, "perplexity_per_token": 30.0} for n in (1, 2)]
    )
    assert "".join(lines).count("perplexity") == 1

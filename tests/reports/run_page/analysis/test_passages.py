"""Passages end where text ends, are ordered by surprisal, and are shown as the text reads."""

import numpy as np
import pytest

from halo.reports.run_page.analysis import passages
from halo.reports.run_page.analysis.passages import LENGTHS, excerpts, find_extremes
from halo.reports.run_page.analysis.token_scores import TokenScores
from halo.tokenization.tokenizer import TextTokenizer

EASY, HARD, UNKNOWN = (f"{word} the of the of the of the of the, {word}." for word in ("easy", "hard", "unknown"))
TOKENIZER = TextTokenizer.train([EASY, HARD], kind="word", min_count=1, max_size=None)


def scored(texts: list[str], tokenizer: TextTokenizer = TOKENIZER) -> TokenScores:
    """Returns scores in which each token costs as many bits as its paragraph is long in words before it."""
    parts = [[*tokenizer.encode(text), tokenizer.eos_id] for text in texts]
    ids = np.array([token_id for part in parts for token_id in part], dtype=np.int64)
    hard = tokenizer.encode("hard")[0]
    bits = np.where(ids == hard, 20.0, 1.0)
    return TokenScores(ids, bits, np.full(len(ids), 0.5), bits < 2, np.zeros(len(ids), dtype=np.int64), is_whole=True)


def test_the_ends_are_found_and_unknown_words_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "MAX_UNKNOWN", 0.2)
    unknown = " ".join(["zyzzyva"] * 12)
    extremes = find_extremes(scored([EASY, HARD, unknown, "the of"]), TOKENIZER)
    assert extremes.number == 2
    ((most,), (least,)) = extremes.most, extremes.least
    assert "".join(word.text for word in most.words) == HARD
    assert "".join(word.text for word in least.words) == EASY
    assert most.bits > least.bits
    assert [word.text.strip() for word in most.hardest[::2]] == ["hard", "hard"] or len(most.hardest) == 3
    assert most.words[0].level == 4
    assert least.words[0].level == 0


def test_a_long_paragraph_is_cut_at_the_end_of_a_sentence() -> None:
    sentence = " ".join(["the of"] * 9) + " easy."
    extremes = find_extremes(scored([" ".join([sentence] * 9)]), TOKENIZER)
    for passage in [*extremes.most, *extremes.least]:
        assert len(passage.words) <= LENGTHS["word"][1]
        assert passage.words[-1].text == "."
    no_ends = find_extremes(scored([" ".join(["the of"] * 200)]), TOKENIZER)
    assert no_ends.number == 400 // LENGTHS["word"][1]


@pytest.mark.parametrize("kind", ["whitespace", "char", "bpe"])
def test_every_kind_of_tokenizer_has_passages(kind: str) -> None:
    text = "the hard virus 😀 spreads. " * 12
    tokenizer = TextTokenizer.train([text], kind=kind, min_count=1, max_size=300)
    extremes = find_extremes(scored([text.strip()] * 2, tokenizer), tokenizer)
    (most,) = extremes.most[:1]
    assert "the hard virus 😀 spreads." in "".join(word.text for word in most.words)


def test_there_may_be_no_passage() -> None:
    assert find_extremes(scored(["the"]), TOKENIZER).most == []
    assert excerpts(scored(["the"]), TOKENIZER, number=3, max_tokens=9) == []


def test_excerpts_are_beginnings_from_all_over_the_text() -> None:
    assert excerpts(scored([EASY, HARD, EASY, HARD]), TOKENIZER, number=2, max_tokens=3) == [
        "easy the of",
        "easy the of",
    ]
    assert len(excerpts(scored([EASY, HARD]), TOKENIZER, number=5, max_tokens=3)) == 2

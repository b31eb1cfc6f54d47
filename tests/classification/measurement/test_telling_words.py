"""A planted word is found, and it matters more than random ones."""

from collections.abc import Sequence

import numpy as np
import pytest

from halo.classification.measurement import telling_words
from halo.classification.measurement.telling_words import (
    Explanation,
    check_faithfulness,
    explain_ids,
    word_spans,
)
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

TEXT = "the film was truly awful and the end was worse but the music was lovely"


def tokenizer_of(kind: str) -> TextTokenizer:
    return TextTokenizer.train([TEXT] * 3, kind=kind, min_count=1, max_size=290 if kind == "bpe" else None)


def planted(tokenizer: TextTokenizer, seen: list[int]) -> object:
    """Returns a model for which `awful` and `worse` speak for class 1, and `lovely` against it."""

    def predict(documents: Sequence[TokenIds]) -> np.ndarray:
        seen.append(len(documents))
        texts = [f" {tokenizer.decode_paragraph(ids.tolist())} " for ids in documents]
        evidence_N = np.array(
            [3.0 * (" awful" in each) + 1.5 * (" worse" in each) - (" lovely" in each) for each in texts]
        )
        share_N = 1 / (1 + np.exp(-evidence_N))
        return np.stack([1 - share_N, share_N], axis=1)

    return predict


def explained(kind: str, text: str = TEXT) -> tuple[Explanation, TextTokenizer, TokenIds]:
    tokenizer = tokenizer_of(kind)
    ids = np.array(tokenizer.encode(text), dtype=np.uint16)
    return explain_ids(ids, tokenizer, planted(tokenizer, [])), tokenizer, ids  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["word", "bpe", "char"])
def test_planted_words_are_found_with_their_weight_of_evidence(kind: str) -> None:
    explanation, _, _ = explained(kind)
    assert explanation.predicted == 1
    assert [word.text for word in explanation.words] == TEXT.split()
    effects = {word.text: word.effect for word in explanation.words}
    assert effects["awful"] == pytest.approx(3)
    assert effects["lovely"] == pytest.approx(-1)
    assert effects["music"] == pytest.approx(0)
    assert [word.text for word in explanation.most_telling(5)] == ["awful", "worse"]


def test_a_word_that_occurs_twice_is_left_out_twice() -> None:
    explanation, _, _ = explained("word", "awful , truly awful")
    assert [word.effect for word in explanation.words if word.text == "awful"] == [pytest.approx(3)] * 2


def test_the_other_class_can_be_explained() -> None:
    tokenizer = tokenizer_of("word")
    ids = np.array(tokenizer.encode(TEXT), dtype=np.uint16)
    explanation = explain_ids(ids, tokenizer, planted(tokenizer, []), target=0)  # type: ignore[arg-type]
    assert [word.text for word in explanation.most_telling(5)] == ["lovely"]


def test_a_text_of_one_word_has_nothing_to_leave_out() -> None:
    explanation, _, _ = explained("word", "awful awful")
    assert [word.effect for word in explanation.words] == [None, None]
    assert explanation.most_telling(3) == []


def test_ends_of_paragraphs_are_no_words() -> None:
    tokenizer = tokenizer_of("char")
    ids = np.array([*tokenizer.encode("the end"), tokenizer.eos_id, *tokenizer.encode("was")], dtype=np.uint16)
    assert word_spans(ids, tokenizer) == [(0, 3), (3, 7), (8, 11)]


def test_telling_words_do_more_than_random_ones() -> None:
    explanation, tokenizer, ids = explained("word")
    checked = check_faithfulness(
        [ids] * 8,
        [explanation] * 8,
        tokenizer,
        planted(tokenizer, []),  # type: ignore[arg-type]
        seed=1,
    )
    assert checked is not None
    assert checked.documents == 8
    assert checked.telling == pytest.approx(explanation.probability - 1 / (1 + np.exp(1)), abs=0.05)
    assert checked.telling > 2 * checked.random
    assert checked.p_value is not None
    assert checked.p_value < 0.01


def test_of_a_long_text_the_words_of_telling_passages_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"filler{number}" for number in range(120)]
    words[70] = "awful"
    tokenizer = TextTokenizer.train([" ".join(words)] * 3, kind="word", min_count=1, max_size=None)
    ids = np.array(tokenizer.encode(" ".join(words)), dtype=np.uint16)
    monkeypatch.setattr(telling_words, "MAX_READ", 120 * 30)
    seen: list[int] = []
    explanation = explain_ids(ids, tokenizer, planted(tokenizer, seen))  # type: ignore[arg-type]
    assert [word.text for word in explanation.most_telling(3)] == ["awful"]
    assert sum(seen) <= 32  # with the whole text, twice
    assert sum(word.effect is not None for word in explanation.words) == 20


def test_texts_with_few_words_are_not_checked() -> None:
    explanation, tokenizer, ids = explained("word", "truly awful")
    assert check_faithfulness([ids], [explanation], tokenizer, planted(tokenizer, []), seed=1) is None  # type: ignore[arg-type]

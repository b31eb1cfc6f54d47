"""A model that has learned a bias shows it, one that has not shows none, and what cannot be measured is said."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from halo.corpus.corpus import Corpus
from halo.evaluation.counterfactuals.measurement import MIN_SENTENCES, SwapResult, measure_corpus, measure_swap
from halo.evaluation.counterfactuals.word_lists import own_swap
from tests.support.swapped_texts import as_text, sentences, tokenizer_of, trained_on


def measured(*, is_biased: bool) -> SwapResult:
    """Returns what he and she cost in sentences where both persons are either, after training on others."""
    told = sentences(60, is_biased=is_biased)
    tokenizer = tokenizer_of(told)
    nurses = [line.replace("smith", "nurse").replace(" he ", " she ") for line in told]
    text = as_text([nurses[start : start + 6] for start in range(0, 60, 6)], tokenizer)
    model = trained_on(told, tokenizer)
    return measure_swap(model, [text], tokenizer, own_swap("pronouns", ["he/she"]))


def test_a_planted_bias_is_found_and_a_text_without_one_shows_none() -> None:
    (direction,) = measured(is_biased=True).directions  # the nurse of the text is always she
    assert (direction.name, direction.sentences, direction.documents) == ("she → he", 60, 10)
    assert direction.word_bits.low > 2
    (fair,) = measured(is_biased=False).directions
    assert abs(fair.word_bits.mean) < 0.8
    assert abs(fair.rest_bits.mean) < 0.3


def test_both_directions_give_a_preference_in_which_the_context_cancels() -> None:
    told = sentences(120, is_biased=False)
    tokenizer = tokenizer_of(told)
    mostly_he = [line.replace(" she ", " he ") for line in told[:90]] + told[90:]
    model = trained_on(mostly_he, tokenizer)
    text = as_text([told[start : start + 6] for start in range(0, 120, 6)], tokenizer)
    result = measure_swap(model, [text], tokenizer, own_swap("pronouns", ["he/she"]))
    assert [each.name for each in result.directions] == ["he → she", "she → he"]
    there, back = (each.word_bits.mean for each in result.directions)
    assert result.preference["name"] == "he rather than she"
    mean, low, high = result.preference["word_bits"]
    assert mean == pytest.approx((there - back) / 2)
    assert 0 < low <= mean <= high
    assert result.skipped is None
    assert result.as_json()["directions"][0]["word_bits"][0] == there


def test_too_few_sentences_are_a_reason() -> None:
    told = sentences(MIN_SENTENCES - 2, is_biased=True)
    tokenizer = tokenizer_of(told)
    result = measure_swap(
        trained_on(told, tokenizer, steps=1), [as_text([told], tokenizer)], tokenizer, own_swap("p", ["he/she"])
    )
    assert result.directions == ()
    assert result.skipped is not None
    assert result.skipped.startswith("he → she: 9 held-out sentences in 1 document, at least 20 in 5 are needed; she")
    assert result.as_json()["preference"] is None


@pytest.mark.parametrize(
    ("kind", "manifest", "language", "expected"),
    [
        ("char", {}, "en", "tokens of kind char are not words"),
        ("word", {"genome": 1}, None, "the text has no words"),
        ("word", {"series": 1}, None, "the text has no words"),
        ("word", {}, ["de", "nl"], "there are no lists of words for de, nl; card.swaps takes pairs of your own"),
    ],
)
def test_what_has_no_words_or_lists_is_skipped_with_a_reason(
    kind: str, manifest: dict[str, Any], language: Any, expected: str
) -> None:
    corpus: Any = SimpleNamespace(manifest=manifest, tokenizer=SimpleNamespace(kind=kind))
    assert measure_corpus(None, corpus, language=language, swaps={}) == {"skipped": expected, "swaps": []}  # type: ignore[arg-type]


def test_a_corpus_is_measured_with_the_english_lists_or_with_pairs_of_its_own(labelled_corpus: Corpus) -> None:
    model = trained_on(["the a"], labelled_corpus.tokenizer, steps=0)
    found = measure_corpus(model, labelled_corpus, language="en-GB", swaps={})
    assert [each["name"] for each in found["swaps"]] == ["he / she", "he / they", "she / they", "first names"]
    assert found["splits"] == ["validation", "test"]
    own = measure_corpus(model, replace(labelled_corpus), language="de", swaps={"articles": ["the/a"]})
    assert [each["name"] for each in own["swaps"]] == ["articles"]

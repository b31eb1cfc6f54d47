"""The scores of words add up to those of tokens, and depend on neither batch nor order."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from halo.bundle.loading import Bundle
from halo.evaluation.text_scores import surprisal_bits
from halo.runtime.errors import InputError
from halo.scoring.ngram_scores import NgramScores
from halo.scoring.scorer import Scorer, score_texts
from halo.tokenization.oov_cost import OOVCost
from tests.conftest import MODELS
from tests.scoring.test_word_alignment import TEXTS
from tests.support.tiny_bundles import tiny_bundle

KINDS = ("word", "whitespace", "char", "bpe")


@cache
def bundle(kind: str = "word", eos: str = "paragraph", model: str = "lstm") -> Bundle:
    return tiny_bundle(kind=kind, eos=eos, model=model)


@settings(max_examples=25)
@given(TEXTS, st.sampled_from(KINDS), st.sampled_from(["paragraph", "line", "document"]))
def test_words_are_those_of_the_input_and_their_bits_those_of_the_tokens(text: str, kind: str, eos: str) -> None:
    (scored,) = score_texts(bundle(kind, eos), [text], num_alternatives=2)
    ends = [0]
    for word in scored.words:
        assert text[word.start : word.end] == word.text
        assert ends[-1] <= word.start < word.end
        ends.append(word.end)
        assert (word.num_tokens > 0) == (word.bits is not None) == (word.note == "")
        assert word.num_tokens == 0 or (word.rank is not None and word.entropy_bits is not None)
    assert "".join(text.split()) == "".join(word.text for word in scored.words)
    assert math.fsum(word.bits or 0 for word in scored.words) == pytest.approx(scored.total_bits)
    assert sum(word.num_tokens for word in scored.words) == len(scored.tokens)


@pytest.mark.parametrize("model", MODELS)
def test_scores_do_not_depend_on_the_batch_or_the_order(model: str) -> None:
    generator = np.random.default_rng(0)
    words = ["the", "virus", "spreads", "in", "air", "and", "doctors", "don't", "know", "zyzzyva"]
    texts = [" ".join(generator.choice(words, size=size)) for size in [*[3, 1, 2, 3] * 17, 30, 71, 2, 1]]
    together = score_texts(bundle(model=model), texts)
    backwards = score_texts(bundle(model=model), texts[::-1])[::-1]
    fast = score_texts(bundle(model=model), texts, with_distributions=False)
    for number in (0, 1, 68, 69):
        (alone,) = score_texts(bundle(model=model), [texts[number]])
        ids = np.array(bundle().tokenizer.encode(texts[number]), dtype=np.uint32)
        expected = surprisal_bits(bundle(model=model).model, ids, eos_id=1)
        for each in (alone, together[number], backwards[number], fast[number]):
            assert [word.bits for word in each.words] == pytest.approx(expected, abs=1e-5)
        entropies = [word.entropy_bits for word in alone.words]
        assert [word.entropy_bits for word in together[number].words] == pytest.approx(entropies, abs=1e-5)


def test_entropy_rank_and_alternatives_are_those_of_the_whole_distribution() -> None:
    (scored,) = score_texts(bundle(), ["the virus"], num_alternatives=3)
    tokenizer = bundle().tokenizer
    ids = [tokenizer.eos_id, *tokenizer.encode("the virus")]
    logits_TV = bundle().model(torch.tensor([ids]), None)[0][0].double()
    log_TV = torch.log_softmax(logits_TV, dim=1)
    entropy = (-(log_TV.exp() * log_TV).sum(1) / math.log(2)).tolist()
    for place, word in enumerate(scored.words):
        log_V = log_TV[place].tolist()
        assert word.bits == pytest.approx(-log_V[ids[place + 1]] / math.log(2), abs=1e-5)
        assert word.probability == pytest.approx(math.exp(log_V[ids[place + 1]]), rel=1e-5)
        assert word.entropy_bits == pytest.approx(entropy[place], abs=1e-5)
        assert word.entropy_reduction_bits == pytest.approx(max(0, entropy[place] - entropy[place + 1]), abs=1e-5)
        assert word.rank == 1 + sum(each > log_V[ids[place + 1]] for each in log_V)
        best = sorted(set(range(len(log_V))) - {tokenizer.unk_id}, key=lambda token_id: -log_V[token_id])[:3]
        assert [each.token for each in word.alternatives] == [tokenizer.token(token_id) for token_id in best]
        assert word.alternatives[0].logprob == pytest.approx(log_V[best[0]], abs=1e-5)


def test_running_context_reads_the_texts_as_one() -> None:
    texts = ["the virus spreads", "", "in the air", "so fast"]
    scorer = Scorer(bundle(), context="running")
    scored = [*scorer.score(texts[:2]), *scorer.score([]), *scorer.score(texts[2:])]
    ids = [token_id for text in texts for token_id in [*bundle().tokenizer.encode(text), 1]]
    expected = surprisal_bits(bundle().model, np.array(ids, dtype=np.uint32), eos_id=1)
    of_words = [bits for bits, token_id in zip(expected, ids, strict=True) if token_id != 1]
    assert [word.bits for each in scored for word in each.words] == pytest.approx(of_words, abs=1e-5)
    alone = score_texts(bundle(), texts)
    assert [word.bits for word in alone[0].words] == pytest.approx([word.bits for word in scored[0].words], abs=1e-5)
    assert alone[2].words[0].bits != pytest.approx(scored[2].words[0].bits, abs=1e-3)


@pytest.mark.parametrize(("eos", "separator"), [("paragraph", [1]), ("line", [1]), ("document", [])])
def test_paragraphs_have_the_eos_of_the_training_text_between_them(eos: str, separator: list[int]) -> None:
    (scored,) = score_texts(bundle(eos=eos), ["the virus\r\n\r\nspreads"])
    encode = bundle(eos=eos).tokenizer.encode
    ids = [*encode("the virus"), *separator, *encode("spreads")]
    expected = surprisal_bits(bundle(eos=eos).model, np.array(ids, dtype=np.uint32), eos_id=1)
    assert scored.words[2].bits == pytest.approx(expected[-1], abs=1e-5)
    assert [token.text for token in scored.tokens] == ["the", "virus", "spreads"]


def test_words_outside_the_vocabulary_are_flagged_spelt_or_left_out() -> None:
    texts = ["the zyzzyva spreads"]
    (unk,), (spell,), (na,) = (score_texts(bundle(), texts, oov=oov) for oov in ("unk", "spell", "na"))
    assert [word.is_known for word in unk.words] == [True, False, True]
    cost = OOVCost(bundle().tokenizer).nll("zyzzyva") / math.log(2)
    assert unk.words[1].bits is not None
    assert spell.words[1].bits == pytest.approx(unk.words[1].bits + cost)
    assert spell.words[0].bits == unk.words[0].bits
    assert na.words[1][3:8] == (None, na.words[1].entropy_bits, na.words[1].entropy_reduction_bits, None, None)
    assert na.words[2].bits == unk.words[2].bits
    assert spell.total_bits == pytest.approx(math.fsum(word.bits or 0 for word in spell.words))


def test_a_word_without_tokens_says_why() -> None:
    (scored,) = score_texts(bundle(), ["call 020 7946 0958 \t 😀 now"])
    assert [(word.text, word.note) for word in scored.words] == [
        *(("call", ""), ("020", ""), ("7946", "merged"), ("0958", "merged"), ("😀", "removed"), ("now", "")),
    ]
    assert scored.words[4].bits is None
    assert scored.words[4].entropy_bits is None
    (nothing,) = score_texts(bundle(), ["😀 \u200b"])
    assert nothing.tokens == ()
    assert [word.note for word in nothing.words] == ["removed", "removed"]


def test_frequencies_and_ngrams_are_those_of_the_training_text() -> None:
    tokenizer = bundle().tokenizer
    counts = np.zeros(tokenizer.vocab_size, np.int64)
    the, virus = tokenizer.encode("the virus")
    counts[[tokenizer.unk_id, the, virus]] = 50, 9, 4
    ngrams = NgramScores.from_counts(counts, unk_id=tokenizer.unk_id)
    (scored,) = score_texts(bundle(), ["the (virus) zyzzyva"], ngrams=ngrams)
    total = counts.sum() + len(counts)
    frequencies = [word.log_frequency for word in scored.words]
    assert frequencies == pytest.approx([math.log10(count / total * 1e6) for count in (10, 5, 1)])
    assert scored.words[0].unigram_bits == pytest.approx(-math.log2(10 / total))
    assert scored.words[1].unigram_bits == pytest.approx(-math.log2(5 / total) - 2 * math.log2(1 / total))
    assert scored.words[0].kneser_ney_bits is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"context": "none"}, "context=none: must be reset or running"),
        ({"oov": "x"}, "oov=x: must be one of spell, unk, na"),
        ({"num_alternatives": -1}, "num_alternatives=-1: must be a whole number from 0"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Scorer(bundle(), **arguments)  # type: ignore[arg-type]


def test_predictions_that_are_not_finite_are_refused() -> None:
    broken = tiny_bundle(seed=1)
    with torch.no_grad():
        next(broken.model.parameters()).fill_(math.inf)
    with pytest.raises(InputError, match="not finite"):
        score_texts(broken, ["the virus"])


def test_nothing_is_scored_of_no_texts() -> None:
    assert score_texts(bundle(), []) == []
    assert [(each.tokens, each.words) for each in score_texts(bundle(), ["", "  "])] == [((), ())] * 2

"""The metrics of a text, against plain loops over tokens."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from halo.config import TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.encoded_documents import encode_documents
from halo.corpus.prepare import prepare
from halo.corpus.text_counts import count_text
from halo.evaluation.text_metrics import TextMetrics, compute_metrics, evaluate_split
from halo.evaluation.text_scores import NLL, NLLSummary, text_nll, windows_to_score
from halo.evaluation.tokenized_text import TokenizedText
from halo.models.model_spec import build_model


@pytest.fixture
def nll(labelled_corpus: Corpus) -> NLL:
    return np.random.default_rng(0).gamma(2, 3, size=len(labelled_corpus.ids["test"]))


def measured(corpus: Corpus, nll: NLL) -> TextMetrics:
    train_counts = np.bincount(corpus.ids["train"], minlength=corpus.tokenizer.vocab_size)
    text = TokenizedText.from_split(corpus, "test")
    return compute_metrics(nll, text, corpus.tokenizer, batch_size=1, train_counts_V=train_counts)


def exp_mean(values: list[float]) -> float:
    return math.exp(math.fsum(values) / len(values))


def test_perplexities_are_those_of_a_plain_loop(labelled_corpus: Corpus, nll: NLL) -> None:
    end, unknown = labelled_corpus.tokenizer.eos_id, labelled_corpus.tokenizer.unk_id
    ids = labelled_corpus.ids["test"].tolist()
    result = measured(labelled_corpus, nll)
    assert result.without_eos is not None
    assert result.known_words is not None
    assert result.without_eos.perplexity == pytest.approx(
        exp_mean([value for value, token_id in zip(nll, ids, strict=True) if token_id != end])
    )
    assert result.known_words.perplexity == pytest.approx(
        exp_mean([value for value, token_id in zip(nll, ids, strict=True) if token_id not in (end, unknown)])
    )
    assert result.perplexity == pytest.approx(exp_mean(nll.tolist()))


def test_the_metrics_are_plain_data_and_shares_of_the_loss_add_up(labelled_corpus: Corpus, nll: NLL) -> None:
    result = measured(labelled_corpus, nll)
    written = json.loads(json.dumps(result.as_dict()))
    assert written["nll"] == pytest.approx(nll.mean())
    assert written["perplexity"] == result.perplexity
    assert tuple(written["perplexity_interval"]) == result.perplexity_interval
    assert written["batch_size"] == 1
    for breakdown in ("by_label", "by_frequency", "by_position"):
        assert sum(part["share_of_nll"] for part in written[breakdown].values()) == pytest.approx(1)
        assert sum(part["tokens"] for part in written[breakdown].values()) == written["tokens"] == len(nll)


@pytest.mark.parametrize("kind", ["word", "char", "bpe"])
def test_a_model_of_letters_drawn_evenly_has_the_same_bits_per_character_in_every_tokenization(
    tiny_config: TrainConfig, kind: Any
) -> None:
    """Log 64 nats for each character and break, whatever the tokens are: only their sum counts."""
    tokenizer_config = replace(
        tiny_config.data.tokenizer, kind=kind, max_size=300 if kind == "bpe" else None, min_count=1
    )
    corpus = prepare(replace(tiny_config.data, tokenizer=tokenizer_config))
    characters = corpus.counts["test"].characters
    nll = np.full(len(corpus.ids["test"]), math.log(64) * characters / len(corpus.ids["test"]))
    result = measured(corpus, nll)
    spelling_bits = corpus.counts["test"].oov_cost / math.log(2) / characters
    assert result.bits_per_character == pytest.approx(6 + spelling_bits)
    assert (spelling_bits > 0.05) == (kind == "word")  # words that only the test text has


def test_a_smaller_vocabulary_lowers_perplexity_but_not_bits_per_character(tiny_config: TrainConfig) -> None:
    """Unigram models of two vocabularies: most words unknown is easy to predict, and dear to spell."""
    results = []
    for min_count in (2, 20):
        tokenizer_config = replace(tiny_config.data.tokenizer, min_count=min_count)
        corpus = prepare(replace(tiny_config.data, tokenizer=tokenizer_config))
        counts = np.bincount(corpus.ids["train"], minlength=corpus.tokenizer.vocab_size) + 1.0
        results.append(measured(corpus, -np.log(counts / counts.sum())[corpus.ids["test"]]))
    large, small = results
    assert small.perplexity < 0.5 * large.perplexity
    assert small.counts.out_of_vocabulary_rate > large.counts.out_of_vocabulary_rate
    assert small.bits_per_character is not None
    assert large.bits_per_character is not None
    assert small.bits_per_character > large.bits_per_character


def test_a_text_of_unknown_words_alone(labelled_corpus: Corpus, tiny_config: TrainConfig) -> None:
    tokenizer = labelled_corpus.tokenizer
    ids, offsets = encode_documents(["zyzzyva quux"], tokenizer, tiny_config.data)
    counts = count_text(["zyzzyva quux"], ids, tokenizer)
    text = TokenizedText(ids, offsets, np.zeros(1, dtype=np.int64), [""], counts)
    result = compute_metrics(np.ones(3), text, tokenizer, batch_size=1, train_counts_V=None)
    assert result.known_words is None
    assert result.perplexity_interval is None
    assert result.by_label == result.by_frequency == {}
    assert result.counts.out_of_vocabulary_rate == 1
    assert result.as_dict()["perplexity_known_words"] is None


def test_held_out_text_is_reported_in_one_stream_and_training_text_as_in_training(tiny_config: TrainConfig) -> None:
    corpus = prepare(tiny_config.data)
    model = build_model(tiny_config.model, corpus.tokenizer.words())
    for split in ("train", "validation", "test"):
        streams = 3 if split == "train" else 1
        result = evaluate_split(model, corpus, split, tiny_config.data)
        windows = windows_to_score(corpus.ids[split], eos_id=corpus.tokenizer.eos_id, batch_size=streams)
        expected = NLLSummary.from_tokens(text_nll(model, windows))
        assert result.batch_size == streams
        assert result.all_tokens == expected


def test_excerpts_of_a_long_training_text_are_scored_each_on_its_own(tiny_config: TrainConfig) -> None:
    corpus = prepare(tiny_config.data)
    model = build_model(tiny_config.model, corpus.tokenizer.words())
    whole = TokenizedText.from_split(corpus, "train")
    limit = len(whole.ids) // 4
    length = limit // 3
    part = whole.subsample(limit, num_excerpts=3, tokenizer=corpus.tokenizer)
    result = evaluate_split(model, corpus, "train", replace(tiny_config.data, report_train_tokens=limit))
    assert result.tokens == 3 * length
    assert result.bits_per_character is None
    apart = [
        text_nll(model, windows_to_score(part.ids[k * length : (k + 1) * length], eos_id=1, batch_size=1))
        for k in range(3)
    ]
    assert result.nll == pytest.approx(np.concatenate(apart).mean(), rel=1e-5)

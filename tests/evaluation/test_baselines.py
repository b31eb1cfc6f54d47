"""Figures of models without a network: of the right texts, and left out where counting would take too much memory."""

import logging

import numpy as np
import pytest

from halo.config import SPLITS, TrainConfig
from halo.corpus.prepare import prepare
from halo.evaluation.baselines import kneser_ney_baseline, unigram_baseline
from halo.models.ngram.kneser_ney import KneserNey


def test_the_five_gram_model_learns_from_the_training_text_alone(tiny_config: TrainConfig) -> None:
    corpus = prepare(tiny_config.data)
    eos_id, vocab_size = corpus.tokenizer.eos_id, corpus.tokenizer.vocab_size
    model = KneserNey(corpus.ids["train"], vocab_size, eos_id=eos_id, order=5)
    scores, unigram = kneser_ney_baseline(corpus), unigram_baseline(corpus)
    for name in SPLITS:
        assert scores[name].tokens == unigram[name].tokens == len(corpus.ids[name])
        assert scores[name].perplexity == pytest.approx(np.exp(model.nll(corpus.ids[name]).mean()))
        assert scores[name].perplexity < unigram[name].perplexity


def test_a_text_too_large_to_count_is_told_in_one_line(
    tiny_config: TrainConfig, caplog: pytest.LogCaptureFixture
) -> None:
    corpus = prepare(tiny_config.data)
    num_tokens = len(corpus.ids["train"])
    assert kneser_ney_baseline(corpus, max_tokens=num_tokens)
    with caplog.at_level(logging.WARNING):
        assert kneser_ney_baseline(corpus, max_tokens=num_tokens - 1) == {}
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert f"{num_tokens:,}" in line

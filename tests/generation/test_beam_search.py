"""Beam search: with enough beams it finds the likeliest text, with one it is greedy."""

import itertools
import math

import pytest
import torch

from halo.config import default_sampling
from halo.generation.beam_search import beam_search
from halo.generation.generator import generate_samples
from halo.generation.stopping import Stops
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import model_config

THREE = default_sampling(num_words=3, temperature=0)


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["the virus spreads ."], kind="word", min_count=1, max_size=None)


@pytest.fixture(scope="module", params=["lstm", "transformer"])
def model(request: pytest.FixtureRequest, tokenizer: TextTokenizer) -> LanguageModel:
    torch.manual_seed(3)
    model = build_model(model_config(str(request.param)), tokenizer.words()).eval()
    for parameter in model.parameters():
        torch.nn.init.uniform_(parameter, -0.8, 0.8)
    return model


@torch.no_grad()
def log_probs(model: LanguageModel, tokenizer: TextTokenizer, prompt: list[int], ids: list[int]) -> list[float]:
    logits_1TV, _ = model(torch.tensor([[tokenizer.eos_id, *prompt, *ids]]))
    values_TV = logits_1TV[0].log_softmax(-1)[len(prompt) : -1]
    return [float(values_V[token]) for values_V, token in zip(values_TV, ids, strict=True)]


def test_with_enough_beams_the_likeliest_texts_of_all_are_found(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    known = [number for number in range(tokenizer.vocab_size) if number != tokenizer.unk_id]
    every = [[*ids] for ids in itertools.product(known, repeat=3)]
    totals = {tuple(ids): math.fsum(log_probs(model, tokenizer, [2], ids)) for ids in every}
    expected = sorted(totals, key=lambda ids: -totals[ids])[:4]
    found = beam_search(model, tokenizer, [2], beams=100, sampling=THREE)
    assert [tuple(sample.ids) for sample in found[:4]] == expected
    for sample in found[:4]:
        assert sample.logprobs == pytest.approx(log_probs(model, tokenizer, [2], sample.ids), abs=1e-5)


def test_one_beam_is_greedy(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    (greedy,) = generate_samples(model, tokenizer, [2], num_samples=1, sampling=THREE, with_scores=True)
    (found,) = beam_search(model, tokenizer, [2], beams=1, sampling=THREE)
    assert (found.ids, found.ranks) == (greedy.ids, greedy.ranks)


def test_texts_of_different_lengths_are_compared_by_their_mean(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    stops = Stops(tokenizer, ["."])
    found = beam_search(model, tokenizer, [2], beams=100, sampling=THREE, stops=stops)
    means = [math.fsum(sample.logprobs) / len(sample.ids) for sample in found]
    assert means == sorted(means, reverse=True)
    assert {len(sample.ids) for sample in found} >= {2, 3}
    full_stop = tokenizer.encode(".")[0]
    assert all(full_stop not in sample.ids[:-1] for sample in found)


def test_no_sequence_comes_twice_in_a_beam(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    sampling = default_sampling(num_words=4, no_repeat_ngram=1)
    for sample in beam_search(model, tokenizer, [2], beams=3, sampling=sampling):
        assert len({2, *sample.ids}) == 5

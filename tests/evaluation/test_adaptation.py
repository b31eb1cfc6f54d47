"""Adapting to a text: scored first, learnt from after; each against a plain loop or a case that is known."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from halo.data.streams import StreamLoader
from halo.evaluation.adaptation import (
    TextScores,
    cache_probabilities,
    dynamic_evaluation_nll,
    interpolate_nll,
    score_stream,
)
from halo.evaluation.text_scores import text_nll
from halo.models.language_model import LanguageModel, Network
from halo.models.model_spec import build_model
from tests.conftest import model_config, vocabulary

VOCABULARY = 12


@pytest.fixture
def model() -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config("lstm"), vocabulary(VOCABULARY))


@pytest.fixture
def ids() -> np.ndarray:
    return np.random.default_rng(0).integers(VOCABULARY, size=600).astype(np.uint16)


def windows(ids: np.ndarray, window: int = 7) -> StreamLoader:
    return StreamLoader(ids, eos_id=1, batch_size=1, sequence_length=window)


def cached(model: LanguageModel, ids: np.ndarray) -> np.ndarray:
    return cache_probabilities(score_stream(model, windows(ids)), ids, size=300, theta=5.0)


def dynamic(model: LanguageModel, ids: np.ndarray) -> np.ndarray:
    return dynamic_evaluation_nll(model, windows(ids), learning_rate=0.5, decay=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("adapt", [cached, dynamic])
@pytest.mark.parametrize("place", [1, 350, 598])
def test_the_score_of_a_token_does_not_depend_on_those_that_follow(
    model: LanguageModel, ids: np.ndarray, adapt: Callable[[LanguageModel, np.ndarray], np.ndarray], place: int
) -> None:
    other = ids.copy()
    other[place + 1 :] = (other[place + 1 :] + 1) % VOCABULARY
    before, after = adapt(model, ids), adapt(model, other)
    assert before[: place + 1] == pytest.approx(after[: place + 1], rel=1e-5)
    assert not np.array_equal(before[place + 1 :], after[place + 1 :])


def test_the_cache_is_that_of_a_plain_loop(model: LanguageModel, ids: np.ndarray) -> None:
    scores = score_stream(model, windows(ids))
    found = cache_probabilities(scores, ids, size=20, theta=3.0)
    features = scores.features_ND.double().numpy()
    for place in (0, 1, 5, 255, 256, 300, 599):
        past = range(max(place - 20, 0), place)
        weights = [np.exp(3.0 * features[i] @ features[place]) for i in past]
        hits = sum(weight for i, weight in zip(past, weights, strict=True) if ids[i] == ids[place])
        expected = hits / sum(weights) if weights else np.exp(-scores.nll_N[0])
        assert found[place] == pytest.approx(expected, rel=1e-4)


def test_the_features_are_what_the_output_layer_saw(ids: np.ndarray) -> None:
    model = build_model(model_config("lstm", "pointer_tokens=null"), vocabulary(VOCABULARY))
    assert isinstance(model, Network)
    scores = score_stream(model, windows(ids))
    logits = model.output(scores.features_ND)
    nll = torch.nn.functional.cross_entropy(logits, torch.from_numpy(ids.astype(np.int64)), reduction="none")
    assert nll.tolist() == pytest.approx(scores.nll_N.tolist(), rel=1e-4)


def test_a_cache_of_everything_alike_counts_words() -> None:
    ids = np.array([3, 3, 5, 3], dtype=np.uint16)
    scores = TextScores(np.full(4, np.log(4)), torch.randn(4, 2))
    assert cache_probabilities(scores, ids, size=9, theta=0.0).tolist() == pytest.approx([1 / 4, 1, 0, 2 / 3])


def test_a_mixture_lies_between_and_at_the_ends_is_one_of_both() -> None:
    nll, others = -np.log([0.2, 0.4]), np.array([0.6, 0.0])
    assert np.exp(-interpolate_nll(nll, others, weight=0.5)).tolist() == pytest.approx([0.4, 0.2])
    assert interpolate_nll(nll, others, weight=0.0).tolist() == pytest.approx(nll.tolist())


@pytest.mark.slow
def test_dynamic_evaluation_that_does_not_learn_is_the_plain_score(model: LanguageModel, ids: np.ndarray) -> None:
    expected = text_nll(model, windows(ids)).tolist()
    assert dynamic_evaluation_nll(model, windows(ids), learning_rate=0.0, decay=0.0).tolist() == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.slow
def test_dynamic_evaluation_learns_a_text_that_repeats_itself_and_leaves_the_model_alone(model: LanguageModel) -> None:
    ids = np.tile(np.array([3, 7, 2, 9], dtype=np.uint16), 150)
    weights = {name: weight.clone() for name, weight in model.state_dict().items()}
    plain = text_nll(model, windows(ids)).sum()
    assert dynamic(model, ids).sum() < 0.7 * plain
    assert all(torch.equal(weights[name], weight) for name, weight in model.state_dict().items())

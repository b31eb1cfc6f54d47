"""Perplexity against a plain loop, and that it does not depend on how the text is cut."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from halo.data.streams import StreamLoader, Window
from halo.evaluation.text_scores import NLLSummary, scored_windows, surprisal_bits, text_nll
from halo.models.language_model import LanguageModel, ModelOutput, Network, State
from halo.models.model_spec import build_model
from halo.models.output import SoftmaxOutput
from tests.conftest import MODELS, model_config, vocabulary

VOCABULARY = 30
EOS = 1


class UniformModel(Network):
    """Gives every word the same probability."""

    def __init__(self) -> None:
        super().__init__()
        self.output = SoftmaxOutput(nn.Embedding(VOCABULARY, 1))

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        return ModelOutput(torch.zeros(*ids_BT.shape, 1), [], pointer_output=None, penalty=None)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config(request.param), vocabulary(VOCABULARY))


@pytest.fixture
def ids() -> np.ndarray:
    return np.random.default_rng(0).integers(VOCABULARY, size=101).astype(np.uint16)


def windows(ids: np.ndarray, *, streams: int, window: int) -> StreamLoader:
    return StreamLoader(ids, eos_id=EOS, batch_size=streams, sequence_length=window)


def scored(model: LanguageModel, ids: np.ndarray, *, streams: int, window: int) -> NLLSummary:
    return NLLSummary.from_tokens(text_nll(model, windows(ids, streams=streams, window=window)))


def plain_loop(model: LanguageModel, ids: np.ndarray, *, starts: list[int]) -> list[float]:
    """The nats of each token, one token at a time; at each start the state is forgotten."""
    model.eval()
    nll: list[float] = []
    state: State | None = None
    for place, token_id in enumerate(ids.tolist()):
        if place in starts:
            state = None
        previous = int(ids[place - 1]) if place else EOS
        logits_11V, state = model(torch.tensor([[previous]]), state)
        nll.append(-math.log(logits_11V[0, 0].double().softmax(0)[token_id].item()))
    return nll


@pytest.mark.parametrize(("streams", "starts"), [(1, [0]), (4, [0, 25, 50, 75])])
@pytest.mark.parametrize("window", [1, 7, 200])
def test_the_nats_of_every_token_are_those_of_a_plain_loop_in_order(
    model: LanguageModel, ids: np.ndarray, streams: int, starts: list[int], window: int
) -> None:
    found = text_nll(model, windows(ids, streams=streams, window=window))
    assert found.dtype == np.float64
    assert found.tolist() == pytest.approx(plain_loop(model, ids, starts=starts), rel=1e-5)


def test_perplexity_is_that_of_a_plain_loop(model: LanguageModel, ids: np.ndarray) -> None:
    result = scored(model, ids, streams=1, window=7)
    assert result.tokens == 101
    expected = math.exp(math.fsum(plain_loop(model, ids, starts=[0])) / 101)
    assert result.perplexity == pytest.approx(expected, rel=1e-6)


def test_what_fills_a_ragged_end_is_not_counted(ids: np.ndarray) -> None:
    for streams in range(1, 12):
        assert text_nll(UniformModel(), windows(ids, streams=streams, window=6)) == pytest.approx(
            [math.log(VOCABULARY)] * 101
        )


def test_a_uniform_model_has_the_vocabulary_as_its_perplexity(ids: np.ndarray) -> None:
    assert scored(UniformModel(), ids, streams=4, window=9).perplexity == pytest.approx(VOCABULARY)


def test_the_window_does_not_matter_when_the_state_is_carried(model: LanguageModel, ids: np.ndarray) -> None:
    results = [scored(model, ids, streams=3, window=window).total_nll for window in (1, 5, 34, 100)]
    assert results == pytest.approx([results[0]] * 4, rel=1e-6)


def test_scoring_is_without_dropout_and_leaves_the_model_as_it_was(model: LanguageModel, ids: np.ndarray) -> None:
    model.train()
    first, second = (scored(model, ids, streams=1, window=10) for _ in range(2))
    assert first == second
    assert model.training


def test_surprisals_add_up_to_the_score(model: LanguageModel, ids: np.ndarray) -> None:
    bits = surprisal_bits(model, ids, eos_id=EOS)
    result = scored(model, ids, streams=1, window=50)
    assert len(bits) == 101
    assert sum(bits) * math.log(2) == pytest.approx(result.total_nll, rel=1e-5)


def test_hopeless_figures_stay_finite() -> None:
    assert NLLSummary(total_nll=1e6, tokens=10).perplexity == math.inf
    assert NLLSummary(total_nll=1000, tokens=10).perplexity == math.exp(100)


@pytest.mark.parametrize("mode", [True, False])
def test_scoring_restores_the_mode_also_when_it_is_interrupted(ids: np.ndarray, mode: bool) -> None:
    model = UniformModel().train(mode)
    scoring = scored_windows(model, windows(ids, streams=2, window=5))
    next(scoring)
    assert not model.training
    scoring.close()
    assert model.training == mode

    def interrupted() -> Iterator[Window]:
        yield from windows(ids, streams=2, window=5)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        text_nll(model, interrupted())
    assert model.training == mode

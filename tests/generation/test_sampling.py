"""Drawing tokens: limits are exact, banned tokens never come, and at least one token is always left."""

from typing import Any

import pytest
import torch
from torch import Tensor

from halo.config import default_sampling
from halo.generation.sampling import sample_next
from halo.runtime.errors import InputError

PLAIN: dict[str, Any] = {
    **{"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "typical_p": 1.0},
    **{"repetition_penalty": 1.0, "no_repeat_ngram": 0},
}


def draw(scores: list[float], *, banned: tuple[int, ...] = (), **settings: float) -> set[int]:
    """The ids that 2,000 drawings from the scores give."""
    scores_V = torch.tensor(scores)
    scores_V[list(banned)] = -torch.inf
    drawn: Tensor = sample_next(
        scores_V.expand(2000, -1),
        sampling=default_sampling(**{**PLAIN, **settings}),
        uniform_B=torch.rand(2000, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
    )
    return set(drawn.tolist())


def log(*probabilities: float) -> list[float]:
    return list(torch.tensor(probabilities).log().tolist())


def test_top_k_keeps_exactly_k_even_with_ties() -> None:
    kept = draw([1.0, 1.0, 1.0, 1.0, 0.0], top_k=2)
    assert len(kept) == 2
    assert kept == draw([1.0, 1.0, 1.0, 1.0, 0.0], top_k=2)
    assert draw([0.0, 2.0, 1.0], top_k=2) == {1, 2}
    assert draw([0.0, 2.0, 1.0], top_k=1) == draw([0.0, 2.0, 1.0], temperature=0) == {1}


def test_a_vocabulary_smaller_than_k_is_kept_whole() -> None:
    assert draw([0.0, 1.0], top_k=50) == {0, 1}


def test_top_p_keeps_the_fewest_tokens_that_reach_the_share() -> None:
    assert draw(log(0.5, 0.3, 0.15, 0.05), top_p=0.8) == {0, 1}
    assert draw(log(0.5, 0.3, 0.15, 0.05), top_p=0.81) == {0, 1, 2}
    assert draw(log(0.5, 0.3, 0.15, 0.05), top_p=0.01) == {0}
    assert draw([0.0] * 50, top_p=5e-324) == {0}


def test_top_p_counts_the_share_among_the_k_likeliest() -> None:
    assert draw(log(0.4, 0.3, 0.2, 0.1), top_k=2, top_p=0.5) == {0}  # 0.4 / 0.7 reaches one half


def test_min_p_keeps_the_tokens_with_a_share_of_the_largest_probability() -> None:
    assert draw(log(0.1, 0.4, 0.3, 0.2), min_p=0.4) == {1, 2, 3}
    assert draw(log(0.1, 0.4, 0.3, 0.2), min_p=1) == {1}
    assert draw(log(0.1, 0.4, 0.3, 0.2), min_p=0.4, temperature=0.5) == {1, 2}  # after the temperature: 9 / 16


def test_typical_p_keeps_the_tokens_of_expected_surprisal() -> None:
    # Entropy 1.05 nats; surprisals 0.69, 1.39, 2.08, 2.08: the likeliest is the second nearest.
    assert draw(log(0.5, 0.25, 0.125, 0.125), typical_p=0.2) == {1}
    assert draw(log(0.5, 0.25, 0.125, 0.125), typical_p=0.3) == {0, 1}
    assert draw(log(0.5, 0.25, 0.125, 0.125), typical_p=1e-9) == {1}
    assert draw(log(1.0, 0.0, 0.0), typical_p=0.5) == {0}


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draw([0.0, 3.0, 1.0], temperature=0) == {1}
    assert draw([0.0, 3.0, 1.0], temperature=0, banned=(1,)) == {2}


@pytest.mark.parametrize("temperature", [1e-8, 1e-30, 1e-45, 1e-50, 5e-324])
def test_a_temperature_next_to_zero_is_zero(temperature: float) -> None:
    assert draw([0.0, 3.0, 1.0, 3.0], temperature=temperature) == {1}


@pytest.mark.parametrize("temperature", [1e-6, 1e30, 1e50, 1.7e308])
def test_any_other_temperature_gives_tokens_that_are_allowed(temperature: float) -> None:
    assert draw([0.0, 3.0, 1.0], temperature=temperature, banned=(1,)) <= {0, 2}
    limits = {"top_k": 2, "top_p": 1e-300, "min_p": 1, "typical_p": 1e-300}
    assert draw([0.0, 3.0, 1.0], temperature=temperature, banned=(1,), **limits) <= {0, 2}


@pytest.mark.parametrize("limit", [{}, {"top_k": 2}, {"top_p": 0.99}, {"min_p": 0.0001}, {"typical_p": 0.99}])
def test_banned_tokens_never_come_and_leave_room_for_others(limit: dict[str, float]) -> None:
    assert draw([9.0, 0.0, 0.0], banned=(0,), **limit) == {1, 2}
    assert draw([9.0, 0.0, 0.0], banned=(0, 1), **limit) == {2}


def test_the_largest_random_number_draws_a_token_that_is_allowed() -> None:
    scores_1V = torch.tensor([[1.0, 0.5, -torch.inf]])
    for dtype in (torch.float32, torch.float64):
        largest_1 = torch.ones(1, dtype=dtype)  # as a double just below 1 becomes in single precision
        assert int(sample_next(scores_1V, sampling=default_sampling(**PLAIN), uniform_B=largest_1)) == 1


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("scores", [[0.0, torch.nan], [torch.inf, 0.0], [-torch.inf, -torch.inf]])
def test_predictions_that_are_not_finite_are_refused(scores: list[float], temperature: float) -> None:
    with pytest.raises(InputError, match="predictions are not finite numbers"):
        draw(scores, temperature=temperature)


def test_frequencies_are_the_probabilities() -> None:
    probabilities = torch.tensor([0.6, 0.3, 0.1])
    drawn = sample_next(
        probabilities.log().expand(20_000, -1),
        sampling=default_sampling(**PLAIN),
        uniform_B=torch.rand(20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
    )
    torch.testing.assert_close(drawn.bincount() / 20_000, probabilities, atol=0.015, rtol=0)

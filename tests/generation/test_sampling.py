"""Drawing words: limits are exact, banned words never come, the same seed draws the same."""

import pytest
import torch
from torch import Tensor

from halo.generation.sampling import sample_next


def draw(
    logits: list[float], *, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, banned: tuple[int, ...] = ()
) -> set[int]:
    """The ids that 2,000 drawings from the logits give."""
    drawn: Tensor = sample_next(
        torch.tensor(logits).expand(2000, -1),
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        banned_ids=torch.tensor(banned, dtype=torch.int64),
        uniform_B=torch.rand(2000, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
    )
    return set(drawn.tolist())


def test_top_k_keeps_exactly_k_even_with_ties() -> None:
    assert len(draw([1.0, 1.0, 1.0, 1.0, 0.0], top_k=2)) == 2
    assert draw([0.0, 2.0, 1.0], top_k=2) == {1, 2}


def test_top_p_keeps_the_fewest_words_that_reach_the_share() -> None:
    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().tolist()
    assert draw(probabilities, top_p=0.8) == {0, 1}
    assert draw(probabilities, top_p=0.81) == {0, 1, 2}
    assert draw(probabilities, top_p=0.01) == {0}


def test_top_p_counts_the_share_among_the_k_likeliest() -> None:
    probabilities = torch.tensor([0.4, 0.3, 0.2, 0.1]).log().tolist()
    assert draw(probabilities, top_k=2, top_p=0.5) == {0}  # 0.4 / 0.7 reaches one half


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draw([0.0, 3.0, 1.0], temperature=0) == {1}
    assert draw([0.0, 3.0, 1.0], temperature=0, banned=(1,)) == {2}


@pytest.mark.parametrize("temperature", [1e-8, 1e-30, 1e-45, 1e-50, 5e-324])
def test_a_temperature_next_to_zero_is_zero(temperature: float) -> None:
    assert draw([0.0, 3.0, 1.0, 3.0], temperature=temperature) == {1}


@pytest.mark.parametrize("temperature", [1e-6, 1e30, 1e50, 1.7e308])
def test_any_other_temperature_gives_words_that_are_allowed(temperature: float) -> None:
    assert draw([0.0, 3.0, 1.0], temperature=temperature, banned=(1,)) <= {0, 2}
    assert draw([0.0, 3.0, 1.0], temperature=temperature, banned=(1,), top_k=2, top_p=1e-300) <= {0, 2}


def test_banned_words_never_come_and_leave_room_for_others() -> None:
    assert draw([9.0, 0.0, 0.0], banned=(0,), top_k=2) == {1, 2}


def test_frequencies_are_the_probabilities() -> None:
    probabilities = torch.tensor([0.6, 0.3, 0.1])
    drawn = sample_next(
        probabilities.log().expand(20_000, -1),
        temperature=1,
        top_k=0,
        top_p=1,
        banned_ids=torch.tensor([], dtype=torch.int64),
        uniform_B=torch.rand(20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
    )
    torch.testing.assert_close(drawn.bincount() / 20_000, probabilities, atol=0.015, rtol=0)

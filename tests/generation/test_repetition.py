"""Repetition: what has been written becomes less likely, and sequences of words come only once."""

import pytest
import torch

from halo.generation.repetition import PENALTY_WINDOW, Repetition


def test_the_probability_of_recent_tokens_is_raised_to_a_power() -> None:
    logits_BV = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
    repetition = Repetition([3], 2, penalty=1.5)
    repetition.add([1, 3])
    expected_BV = logits_BV.log_softmax(-1)
    for row, token in [(0, 3), (0, 1), (1, 3)]:
        expected_BV[row, token] *= 1.5
    torch.testing.assert_close(repetition.limit(logits_BV), expected_BV)
    torch.testing.assert_close(repetition.limit(logits_BV + 100), expected_BV)  # a constant does not matter


def test_tokens_outside_the_window_are_as_likely_as_before() -> None:
    repetition = Repetition([1, *[2] * PENALTY_WINDOW], 1, penalty=2.0)
    logits_1V = torch.zeros(1, 3)
    penalised_V = repetition.limit(logits_1V)[0] < logits_1V.log_softmax(-1)[0] - 0.1
    assert penalised_V.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("length", "banned"), [(1, {1, 2, 3}), (2, {2, 3}), (3, {3}), (4, {3}), (5, set()), (9, set())]
)
def test_no_sequence_comes_twice(length: int, banned: set[int]) -> None:
    repetition = Repetition([1, 2, 1, 3], 1, no_repeat_ngram=length)
    for token in (1, 2, 1):
        repetition.add([token])
    limited_V = repetition.limit(torch.zeros(1, 6))[0]
    assert {token for token in range(6) if limited_V[token] == -torch.inf} == banned


def test_where_everything_is_forbidden_the_rule_is_lifted_and_counted() -> None:
    repetition = Repetition([1, 2], 1, no_repeat_ngram=1)
    scores_1V = torch.tensor([[-torch.inf, 0.0, 1.0]])
    assert torch.equal(repetition.limit(scores_1V), scores_1V)
    assert repetition.num_lifted == 1


def test_sequences_that_are_kept_go_their_own_ways() -> None:
    repetition = Repetition([], 2, no_repeat_ngram=1)
    repetition.add([1, 2])
    repetition.select([1, 1])
    repetition.add([3, 4])
    limited_BV = repetition.limit(torch.zeros(2, 5))
    assert (limited_BV == -torch.inf).int().tolist() == [[0, 0, 1, 1, 0], [0, 0, 1, 0, 1]]


def test_without_limits_scores_are_unchanged() -> None:
    logits_BV = torch.zeros(2, 5)
    assert not Repetition([1], 2).is_active
    assert Repetition([1], 2).limit(logits_BV) is logits_BV

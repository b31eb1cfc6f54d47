import pytest
import torch

from halo.classification.training.slanted_triangular import make_slanted_triangular, slanted_triangular


@pytest.mark.parametrize("total_steps", [1, 2, 7, 100])
def test_it_rises_then_falls_and_stays_between_the_bounds(total_steps: int) -> None:
    rates = [
        slanted_triangular(step, total_steps=total_steps, warmup_fraction=0.1, ratio=32) for step in range(total_steps)
    ]
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert all(1 / 32 <= rate <= 1 for rate in rates)


def test_equation_3_of_the_paper() -> None:
    total, cut_fraction, ratio = 200, 0.1, 32
    cut = total * cut_fraction
    for step in range(total):
        p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / cut_fraction - 1))
        expected = (1 + p * (ratio - 1)) / ratio
        found = slanted_triangular(step, total_steps=total, warmup_fraction=cut_fraction, ratio=ratio)
        assert found == pytest.approx(expected)


def test_all_groups_follow_it_from_their_own_rate() -> None:
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [weights[0]], "lr": 1.0}, {"params": [weights[1]], "lr": 0.1}])
    schedule = make_slanted_triangular(optimizer, total_steps=10, warmup_fraction=0.2, ratio=10)
    for _ in range(2):
        optimizer.step()
        schedule.step()
    assert schedule.get_last_lr() == pytest.approx([1.0, 0.1])

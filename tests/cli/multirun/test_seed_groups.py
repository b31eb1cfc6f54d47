"""Jobs that differ only in their seed are a group, with the mean and the spread of what they measured."""

import pytest

from halo.cli.multirun.jobs import FAILED, FINISHED, VALIDATION, Job
from halo.cli.multirun.seed_groups import Spread, group_by_seed, repeats_seeds


def job(number: int, hidden: int, seed: int | None, perplexity: float | None) -> Job:
    settings = {"model.hidden": str(hidden)} | ({} if seed is None else {"seed": str(seed)})
    status = FAILED if perplexity is None else FINISHED
    return Job(number, settings, status, figures={} if perplexity is None else {VALIDATION: perplexity})


def test_jobs_are_grouped_and_the_best_mean_is_first() -> None:
    jobs = [job(0, 8, 1, 90), job(1, 8, 2, 92), job(2, 16, 1, 85), job(3, 16, 2, None), job(4, 32, 1, None)]
    groups = group_by_seed(jobs)
    assert [[each.number for each in group.jobs] for group in groups] == [[2, 3], [0, 1], [4]]
    assert groups[0].spread(VALIDATION) == Spread(85, None)  # the other seed failed
    assert groups[1].spread(VALIDATION) == pytest.approx((91, 2**0.5))
    assert groups[2].spread(VALIDATION) is None
    assert groups[1].settings == {"model.hidden": "8"}


def test_the_same_run_again_says_nothing_about_chance() -> None:
    again = [job(0, 8, 1, 90), job(1, 8, 1, 90), job(2, 8, 2, 94)]
    (group,) = group_by_seed(again)
    assert group.spread(VALIDATION) == pytest.approx((92, 8**0.5))
    assert repeats_seeds(again)
    assert not repeats_seeds(again[:2])


def test_jobs_without_a_seed_have_no_groups() -> None:
    assert not repeats_seeds([job(0, 8, None, 90), job(1, 16, None, 91)])

"""The parallel map: results in order, few items requested ahead, and failures reported."""

import os
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from halo.runtime.errors import InputError
from halo.runtime.process_pool import parallel_map

pytestmark = pytest.mark.slow  # starts processes


def triple() -> Callable[[int], int]:
    return partial(int.__mul__, 3)


def inverse() -> Callable[[int], float]:
    return partial(int.__truediv__, 1)


def end_process() -> Callable[[int], None]:
    return os._exit


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_items_are_asked_for_as_they_are_needed(workers: int) -> None:
    asked = 0

    def items() -> Iterator[int]:
        nonlocal asked
        while asked < 50:
            asked += 1
            yield asked

    for number, result in enumerate(parallel_map(triple, items(), workers=workers), start=1):
        assert result == 3 * number
        assert asked <= number + 2 * workers


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_process_is_that_of_the_caller(workers: int) -> None:
    results = parallel_map(inverse, [1, 2, 0, 4], workers=workers)
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_process_that_is_ended_from_outside_is_one_line() -> None:
    with pytest.raises(InputError, match=r"^a worker process was killed while cleaning text, perhaps for lack of mem"):
        list(parallel_map(end_process, [1, 2, 3], workers=2))

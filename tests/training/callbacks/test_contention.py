"""A run that other programs hold up is noticed after half a minute, once, and nothing else is taken for it."""

import pytest

from halo.training.callbacks.contention import Contention, ContentionMonitor, Interval

QUIET = Interval(10, 19, 1000)


@pytest.mark.parametrize(
    ("intervals", "reports_at"),
    [
        ([QUIET] * 9, []),
        ([QUIET, *[Interval(30, 39, 1000)] * 3], [1]),  # a neighbour on two cores; said once
        ([QUIET, *[Interval(20, 27, 1000)] * 3], [2]),
        ([QUIET, Interval(20, 27, 1000), QUIET, Interval(20, 27, 1000), QUIET], []),  # gone within half a minute
        ([QUIET, *[Interval(30, 57, 1000)] * 3], []),  # longer steps, all cores: no other program
        ([QUIET, *[Interval(12, 15.6, 1000)] * 9], []),  # fewer cores, hardly slower
        ([QUIET, *[Interval(30, 57, 3000)] * 3], []),  # more tokens
        ([Interval(10, 10, 1000), *[Interval(20, 10, 1000)] * 2], [2]),  # one thread
        ([Interval(10, 159, 1000), *[Interval(20, 300, 1000)] * 3], [2]),  # sixteen threads, one neighbour
        ([Interval(40, 50, 1000), QUIET, QUIET], []),  # busy at first
        ([Interval(0, 0, 0), Interval(1, 1, 0), QUIET], []),
    ],
)
def test_what_is_reported(intervals: list[Interval], reports_at: list[int]) -> None:
    monitor = ContentionMonitor()
    reports = [monitor.add(interval) for interval in intervals]
    assert [number for number, report in enumerate(reports) if report is not None] == reports_at


def test_a_report_compares_with_the_fastest_interval() -> None:
    monitor = ContentionMonitor()
    assert monitor.add(Interval(20, 39, 1000)) is None
    assert monitor.add(QUIET) is None
    assert monitor.add(Interval(30, 39, 1000)) == Contention(slowdown=3, cores=1.3, cores_before=1.9)

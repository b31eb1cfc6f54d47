"""Differences of groups over documents and seeds."""

from pathlib import Path

import pytest

from halo.comparing.compare import compare_runs
from tests.support.compared_runs import write_run


def test_p_values_are_corrected_for_all_groups_and_the_mean_of_seeds_is_tested(tmp_path: Path) -> None:
    for number, lr in enumerate((0.1, 0.2, 0.3)):
        for seed in (1, 2):
            name = f"{lr}-{seed}"
            write_run(tmp_path / name, nll=4 + 0.005 * number, noise=3 * number + seed, optim__lr=lr, seed=seed)
    found = compare_runs([str(tmp_path)])
    for kind in ("over_documents", "over_seeds"):
        tests = [getattr(each.splits["test"], kind) for each in found.differences]
        smallest = min(tests, key=lambda test: test.p_value)
        assert smallest.corrected_p_value == pytest.approx(min(1.0, 2 * smallest.p_value))
        assert all(test.corrected_p_value >= test.p_value for test in tests)


def test_equal_runs_differ_by_nothing(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / name, optim__lr={"a": 1, "b": 2}[name])
    (difference,) = compare_runs([str(tmp_path)]).differences
    test = difference.splits["test"]
    assert test.change == 0
    assert test.over_documents is not None
    assert (test.over_documents.low, test.over_documents.high, test.over_documents.p_value) == (0, 0, 1)

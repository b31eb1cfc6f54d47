"""What a comparison can be asked for."""

from pathlib import Path

from halo.comparing.compare import compare_runs
from tests.support.compared_runs import write_run


def test_a_comparison_finds_its_groups_and_differences(tmp_path: Path) -> None:
    for number in range(2):
        write_run(tmp_path / str(number), nll=4 + number, optim__lr=number)
    found = compare_runs([str(tmp_path)])
    best, other = found.groups
    assert found.best == best
    assert found.group(other.key) == other
    assert found.difference(best.key) is None
    difference = found.difference(other.key)
    assert difference is not None
    assert difference.reference == best.key
    assert found.runs[0].value("test", "bits_per_character") is not None
    assert found.runs[0].value("other") is None

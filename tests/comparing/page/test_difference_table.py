"""The table has every difference, also those that cannot be tested."""

from dataclasses import replace
from pathlib import Path

from halo.comparing.comparison import Difference, SplitDifference, Test
from halo.comparing.page.difference_table import difference_rows
from halo.comparing.page.material import Material
from tests.support.comparisons import compared_run, comparison_of


def test_each_split_has_a_row_and_a_missing_test_a_dash(tmp_path: Path) -> None:
    runs = [compared_run(number, 80.0 + number, {"optim.lr": 0.1}, folder=tmp_path) for number in range(2)]
    tested = SplitDifference(0.0125, Test(0.005, 0.02, 0.0004, 0.0012, 15), Test(None, None, 0.1, 0.3, 6))
    splits = {"validation": tested, "test": SplitDifference(-0.01, None, None)}
    comparison = replace(comparison_of(runs), differences=[Difference("group 1", "group 0", splits)])
    validation, test = difference_rows(Material(comparison, tmp_path))
    assert validation == {
        "group": "0001: lr=0.1",
        "split": "validation",
        "change": "+1.25%",
        "interval": "+0.50% to +2.00%",
        "p": "< 0.001",
        "corrected": "0.001",
        "documents": "15",
        "seeds": "0.300",
        "is_significant": True,
    }
    assert [test[name] for name in ("change", "interval", "p", "seeds")] == ["−1.00%", "–", "–", "–"]

"""The tables of minimal pairs fit 80 columns and say what the figures are."""

import math

from halo.scoring.pairs.accuracy import PairAccuracy
from halo.scoring.pairs.comparison import compare_pairs
from halo.scoring.pairs.pair_report import accuracy_tables, comparison_tables
from tests.support.scored_pairs import scored_pair

LONG = "coordinate_structure_constraint_complex_left_branch"
PAIRS = [scored_pair(1.0, paradigm=LONG, ngram_margin=-1.0), scored_pair(0.0, is_known=False), scored_pair(math.nan)]


def test_tables_fit_80_columns() -> None:
    printed = accuracy_tables("/a/long/path/to/a/run/of/mine", PairAccuracy.of(PAIRS))
    compared = comparison_tables({"a" * 90: PairAccuracy.of(PAIRS)}, [compare_pairs("b" * 90, PAIRS, PAIRS)])
    assert max(map(len, f"{printed}\n{compared}".split("\n"))) <= 80
    assert "1 items are left out" in printed
    assert "accuracy without these" in printed
    assert "By paradigm" in printed


def test_one_paradigm_without_unknown_words_is_one_short_table() -> None:
    printed = accuracy_tables("m", PairAccuracy.of([scored_pair(1.0)]))
    assert "By paradigm" not in printed
    assert "mean over paradigms" not in printed
    assert "without these" not in printed

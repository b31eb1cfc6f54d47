"""The leak check: a long paragraph in two splits is a bug that is reported."""

from pathlib import Path

import numpy as np
import pytest

from halo.corpus.dedup.duplicates import Duplicates
from halo.corpus.splits.leak_check import assert_no_leak
from halo.corpus.splits.split_plan import SplitPlan
from tests.corpus.store.test_token_store import store_of

SHARED = " ".join(f"word{i}" for i in range(30))


@pytest.mark.parametrize(("test", "dropped", "leaks"), [([1], {}, True), ([2], {}, False), ([1], {1: {0}}, False)])
def test_a_paragraph_in_two_splits_is_reported_unless_it_is_dropped(
    tmp_path: Path, test: list[int], dropped: dict[int, set[int]], leaks: bool
) -> None:
    duplicates = Duplicates(frozenset(), {key: frozenset(found) for key, found in dropped.items()}, ())
    plan = SplitPlan({"train": np.array([0]), "validation": np.array([3]), "test": np.array(test)})
    with store_of([f"own\n\n{SHARED}", SHARED, "other", "more"], tmp_path) as store:
        if leaks:
            with pytest.raises(AssertionError, match=r"a text occurs in two splits.*: file [01], paragraph [12]$"):
                assert_no_leak(store, duplicates, plan)
        else:
            assert_no_leak(store, duplicates, plan)

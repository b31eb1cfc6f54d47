"""The table of results shows the models that there are figures of."""

import pytest

from halo.config import SPLITS
from halo.reports.console import result_table


@pytest.mark.parametrize("counted", [True, False])
def test_a_row_for_each_model_that_was_measured(*, counted: bool) -> None:
    prefixes = ["", "unigram_", *(["kneser_ney_"] if counted else [])]
    metrics = {f"{prefix}{name}_perplexity": 7.0 for prefix in prefixes for name in SPLITS}
    metrics |= {"uniform_perplexity": 9.0, "num_parameters": 5, "train_tokens_per_second": 3.0, "minutes": 1.0}
    shown = result_table({**metrics, "chosen_weights": "last"})
    assert ("Kneser-Ney 5-gram" in shown) == counted
    assert shown.count("7.0") == len(prefixes) * len(SPLITS)

"""A model's forecasts: its probabilities of the bins, walking along the series."""

from typing import Any

import numpy as np
import pytest
import torch

from halo.forecasting.model_forecasts import model_method
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import model_config
from tests.support.series import history_of

VALUES = np.random.default_rng(0).normal(size=700)


@pytest.mark.parametrize("scaling", ["none", "ewma"])
def test_probabilities_are_those_of_the_next_bin_given_all_before(scaling: str) -> None:
    history = history_of(VALUES, scaling=scaling)
    tokens = [f"r{number:02d}" for number in range(1, 11)]
    counts = {token: number for number, token in enumerate(tokens, start=1)}  # the last bin has the first id
    tokenizer = TextTokenizer.from_counts(counts, kind="whitespace", min_count=1, max_size=None)
    torch.manual_seed(0)
    model = build_model(model_config("lstm", "subword_lengths=null"), tokenizer.words()).eval()
    forecasts: Any = model_method(model, tokenizer, history)(VALUES, 560, 701)
    assert forecasts.probabilities_NK.shape == (141, 10)
    position, vocabulary = 600, tokenizer.vocabulary()
    sizes = history.bins.sizes(history.record, VALUES)
    numbers = history.record.bins.numbers(VALUES[:position] / sizes[:position])
    ids = torch.tensor([[tokenizer.eos_id, *(vocabulary[tokens[each]] for each in numbers)]])
    with torch.no_grad():
        probabilities = model(ids)[0][0, -1].softmax(0)[[vocabulary[each] for each in tokens]]
    expected = (probabilities / probabilities.sum()).numpy()
    np.testing.assert_allclose(forecasts.probabilities_NK[position - 560], expected, rtol=1e-4)
    assert forecasts.sizes_N[40] == sizes[600]

"""The forecasts of a trained model: its probabilities of the bins, walking along the series with its state carried.

Shape letters: N positions, K bins, T tokens of a window, V words of the vocabulary.
"""

import numpy as np
import torch

from halo.forecasting.distributions import BinnedForecasts
from halo.forecasting.history import Method, SeriesHistory
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, evaluation_mode
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.value_bins import Floats, bin_tokens

WINDOW = 512


def model_method(model: LanguageModel, tokenizer: TextTokenizer, history: SeriesHistory) -> Method:
    """Returns the forecasts of a model.

    It reads `<eos>` and the bins of the values from the first date on, and its probabilities of the next token are
    divided by their sum over the bins of the series: `<eos>` and `<unk>` are no values.

    Args:
        model: The model, evaluated without dropout.
        tokenizer: Its vocabulary.
        history: The series.
    """
    record, vocabulary = history.record, tokenizer.vocabulary()
    tokens = bin_tokens(tokenizer.vocab_size - 2)
    id_of_bin = [vocabulary[token] for token in tokens[: len(record.bins)]]

    def forecast(values_N: Floats, first: int, last: int) -> BinnedForecasts:
        sizes_N = history.bins.sizes(record, values_N[: last - 1])
        numbers_N = record.bins.numbers(values_N[: last - 1] / sizes_N[:-1])
        ids = [tokenizer.eos_id, *np.array(id_of_bin)[numbers_N].tolist()]
        return BinnedForecasts(record.bins, _probabilities(model, ids, id_of_bin, first), sizes_N[first:])

    return forecast


@torch.no_grad()
def _probabilities(model: LanguageModel, ids: list[int], id_of_bin: list[int], first: int) -> Floats:
    """Returns the probability of each bin after each token from position `first` on, shape (N, K)."""
    device = next(model.parameters()).device
    ids_1T = torch.tensor([ids], device=device)
    state: State | None = None
    found = []
    with evaluation_mode(model), cached_weights(model):
        for begin in range(0, len(ids), WINDOW):
            logits_1TV, state = model(ids_1T[:, begin : begin + WINDOW], state)
            found.append(logits_1TV[0, max(first - begin, 0) :, id_of_bin].double().cpu())
    probabilities_NK: Floats = torch.cat(found).softmax(dim=1).numpy()
    return probabilities_NK

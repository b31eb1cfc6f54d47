"""The loss of a text broken down by document label, training frequency of the token, and position in the document.

Shape letters: N tokens of the text, D documents.
"""

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import perplexity_interval
from halo.evaluation.text_scores import NLL, NLLSummary
from halo.evaluation.tokenized_text import TokenizedText
from halo.tokenization.backends import EOS, UNK
from halo.tokenization.tokenizer import TextTokenizer

FREQUENCY_BOUNDS = (1, 10, 100, 1_000, 10_000)
POSITION_BOUNDS = (0, 10, 100, 1_000)
MAX_INTERVALS = 50
"""Labels whose perplexity has an interval: a text may have a label for each document."""


def nll_by_label(nll_D: NLL, tokens_D: npt.NDArray[Any], text: TokenizedText) -> dict[str, NLLSummary]:
    """Returns the summary of each label's documents, in alphabetical order; empty where documents have no labels.

    Args:
        nll_D: The summed negative log-likelihood of each document, in nats.
        tokens_D: The number of tokens of each document.
        text: The text that was scored.
    """
    if not any(text.label_names):
        return {}
    size = len(text.label_names)
    nll, tokens = np.bincount(text.labels, nll_D, size), np.bincount(text.labels, tokens_D, size)
    summaries = {
        name or "(none)": NLLSummary(float(nll[index]), int(tokens[index]))
        for index, name in enumerate(text.label_names)
        if tokens[index]
    }
    return dict(sorted(summaries.items()))


class LabelInterval(NamedTuple):
    """The number of documents of a label, and the 95% interval of their perplexity; None for a single document."""

    documents: int
    interval: tuple[float, float] | None


def intervals_by_label(nll_D: NLL, tokens_D: npt.NDArray[Any], text: TokenizedText) -> dict[str, LabelInterval]:
    """Returns the interval of the perplexity of each of the largest labels, a bootstrap over its documents.

    Args:
        nll_D: As in `nll_by_label`.
        tokens_D: As in `nll_by_label`.
        text: As in `nll_by_label`.
    """
    if not any(text.label_names):
        return {}
    intervals = {}
    tokens = np.bincount(text.labels, tokens_D, len(text.label_names))
    largest = {*np.argsort(-tokens, kind="stable")[:MAX_INTERVALS].tolist()}
    order_D = np.argsort(text.labels, kind="stable")
    bounds = np.searchsorted(text.labels[order_D], np.arange(len(text.label_names) + 1))
    for label in sorted(largest):
        name, documents = text.label_names[label], order_D[bounds[label] : bounds[label + 1]]
        documents = documents[tokens_D[documents] > 0]
        if len(documents):
            interval = perplexity_interval(nll_D[documents], tokens_D[documents])
            intervals[name or "(none)"] = LabelInterval(len(documents), interval)
    return intervals


def nll_by_frequency(
    nll_N: NLL, train_counts_N: npt.NDArray[Any], ids_N: npt.NDArray[Any], tokenizer: TextTokenizer
) -> dict[str, NLLSummary]:
    """Returns the summary of each range of training frequency, with `<unk>` and `<eos>` separate.

    Args:
        nll_N: The negative log-likelihood of each token, in nats.
        train_counts_N: How often each token occurs in the training text.
        ids_N: Token ids of the text.
        tokenizer: The vocabulary.
    """
    bins_N = np.searchsorted(FREQUENCY_BOUNDS, train_counts_N, side="right")
    names = ["0", *_range_names(FREQUENCY_BOUNDS)]
    for token_id, name in ((tokenizer.unk_id, UNK), (tokenizer.eos_id, EOS)):
        bins_N[ids_N == token_id] = len(names)
        names.append(name)
    return _summaries_by_bin(nll_N, bins_N, names)


def nll_by_position(nll_N: NLL, offsets: npt.NDArray[Any]) -> dict[str, NLLSummary]:
    """Returns the summary of each range of positions in the document, counted from 1.

    Args:
        nll_N: The negative log-likelihood of each token, in nats.
        offsets: The index at which each document begins, and the end of the last one, shape (D + 1,).
    """
    position_N = np.arange(len(nll_N)) - np.repeat(offsets[:-1], np.diff(offsets))
    bins_N = np.searchsorted(POSITION_BOUNDS, position_N, side="right") - 1
    return _summaries_by_bin(nll_N, bins_N, _range_names([bound + 1 for bound in POSITION_BOUNDS]))


def _range_names(bounds: Sequence[int]) -> list[str]:
    """Returns the names of the ranges that begin at `bounds`.

    >>> _range_names([1, 10, 1000])
    ['1 to 9', '10 to 999', '1,000 or more']
    """
    inner = [f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(bounds)]
    return [*inner, f"{bounds[-1]:,} or more"]


def _summaries_by_bin(nll_N: NLL, bins_N: npt.NDArray[Any], names: Sequence[str]) -> dict[str, NLLSummary]:
    """Returns the summary of each bin that has tokens, under its name."""
    nll, tokens = np.bincount(bins_N, nll_N, len(names)), np.bincount(bins_N, minlength=len(names))
    return {
        name: NLLSummary(float(nll[index]), int(tokens[index])) for index, name in enumerate(names) if tokens[index]
    }

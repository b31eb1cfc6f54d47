"""Confidence interval of a perplexity by resampling documents.

Shape letter: D documents.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from halo.evaluation.text_scores import NLL, perplexity

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 0


def bootstrap_interval(nll_D: NLL, tokens_D: npt.NDArray[Any]) -> tuple[float, float] | None:
    """Returns the 95% percentile interval of the perplexity over documents; None with fewer than two documents.

    Whole documents are resampled (Efron and Tibshirani 1993), because the tokens of a document depend on each other:
    resampling single tokens would give an interval that is too narrow. The generator has its own fixed seed, so that
    the same input always gives the same interval.

    Args:
        nll_D: The summed negative log-likelihood of each document, in nats.
        tokens_D: The number of tokens of each document.
    """
    nll_D, tokens_D = nll_D[tokens_D > 0], tokens_D[tokens_D > 0]
    num_documents = len(nll_D)
    if num_documents < 2:
        return None
    generator = np.random.default_rng(SEED)
    means = np.empty(RESAMPLES)
    for resample in range(RESAMPLES):
        drawn = generator.integers(num_documents, size=num_documents)
        means[resample] = nll_D[drawn].sum() / tokens_D[drawn].sum()
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return perplexity(float(low)), perplexity(float(high))

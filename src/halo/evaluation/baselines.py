"""Baselines without a neural network: unigram and Kneser-Ney 5-gram models of the training split."""

import logging

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.evaluation.text_scores import NLLSummary
from halo.models.ngram.kneser_ney import KneserNey
from halo.models.ngram.unigram import Unigram

log = logging.getLogger(__name__)

MAX_COUNTED_TOKENS = 20_000_000
"""Largest training split that n-grams are counted of; a larger one would need more than about 4 GB of memory."""


def uniform_perplexity(corpus: Corpus) -> int:
    """Returns the perplexity of a uniform model: the size of the vocabulary, or of a genome four for each base."""
    genome = corpus.manifest.get("genome")
    return corpus.tokenizer.vocab_size if genome is None else int(4 ** genome["token_length"])


def unigram_baseline(corpus: Corpus) -> dict[str, NLLSummary]:
    """Returns the negative log-likelihood of each split under a unigram model of the training split."""
    return _evaluate_splits(Unigram(corpus.ids["train"], corpus.tokenizer.vocab_size), corpus)


def kneser_ney_baseline(corpus: Corpus, *, max_tokens: int = MAX_COUNTED_TOKENS) -> dict[str, NLLSummary]:
    """Returns the negative log-likelihood of each split under a Kneser-Ney 5-gram model of the training split.

    The figure of the training split itself shows how much of it the model has memorised.

    Args:
        corpus: The text.
        max_tokens: With a larger training split nothing is counted; a warning is logged and the result is empty.
    """
    train_ids = corpus.ids["train"]
    if len(train_ids) > max_tokens:
        log.warning(
            "Skipping the Kneser-Ney baseline: the training split has %s tokens, the limit is %s",
            f"{len(train_ids):,}",
            f"{max_tokens:,}",
        )
        return {}
    model = KneserNey(train_ids, corpus.tokenizer.vocab_size, eos_id=corpus.tokenizer.eos_id, order=5)
    return _evaluate_splits(model, corpus)


def _evaluate_splits(model: Unigram | KneserNey, corpus: Corpus) -> dict[str, NLLSummary]:
    return {split: NLLSummary(model.total_nll(corpus.ids[split]), len(corpus.ids[split])) for split in SPLITS}

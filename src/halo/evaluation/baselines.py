"""How well models without a network predict the same texts."""

import logging

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.evaluation.text_scores import Score
from halo.models.ngram.kneser_ney import KneserNey
from halo.models.ngram.unigram import Unigram

log = logging.getLogger(__name__)

MAX_COUNTED_TOKENS = 20_000_000
"""Above this many training tokens there is no n-gram model: counting would take more than about 4 GB of memory."""


def unigram_scores(corpus: Corpus) -> dict[str, Score]:
    """Returns for each split how well a unigram model of the training split predicts it."""
    return _scores(Unigram(corpus.ids["train"], corpus.tokenizer.vocab_size), corpus)


def kneser_ney_scores(corpus: Corpus, *, max_tokens: int = MAX_COUNTED_TOKENS) -> dict[str, Score]:
    """Returns for each split how well a Kneser-Ney 5-gram model of the training split predicts it.

    The training split's own figure says how much of it the model has by heart.

    Args:
        corpus: The text.
        max_tokens: Where the training split has more tokens, nothing is returned, and one line is logged.
    """
    train_ids = corpus.ids["train"]
    if len(train_ids) > max_tokens:
        log.warning(
            "No Kneser-Ney model: %s training tokens, at most %s are counted", f"{len(train_ids):,}", f"{max_tokens:,}"
        )
        return {}
    return _scores(KneserNey(train_ids, corpus.tokenizer.vocab_size, eos_id=corpus.tokenizer.eos_id, order=5), corpus)


def _scores(model: Unigram | KneserNey, corpus: Corpus) -> dict[str, Score]:
    return {name: Score(model.total_nll(corpus.ids[name]), len(corpus.ids[name])) for name in SPLITS}

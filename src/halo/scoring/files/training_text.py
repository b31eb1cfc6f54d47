"""What the training text of a model alone says about words, as far as that text is at hand."""

import logging

from halo.bundle.loading import Bundle
from halo.config import ScoreConfig
from halo.evaluation.evaluation_report import find_training_corpus, training_corpus
from halo.runtime.errors import InputError
from halo.scoring.ngram_scores import NgramScores

MAX_COUNTED_TOKENS = 2_000_000
"""The largest training text that n-grams are counted of without being asked for, which takes seconds."""

log = logging.getLogger(__name__)


def training_ngrams(bundle: Bundle, config: ScoreConfig) -> NgramScores:
    """Returns word frequencies and an n-gram model of the training text; what is not at hand is said in a log line.

    Args:
        bundle: The model.
        config: Its `ngrams` says whether the training text may be prepared, or not even looked for.

    Raises:
        InputError: The training text is asked for and cannot be read.
    """
    if config.ngrams is True:
        return NgramScores.from_corpus(training_corpus(bundle, cache_dir=config.cache_dir))
    saved = NgramScores.from_counts(bundle.word_counts, unk_id=bundle.tokenizer.unk_id)
    if config.ngrams is False:
        return saved
    try:
        corpus = find_training_corpus(bundle, cache_dir=config.cache_dir)
    except InputError as error:
        problem = str(error)
    else:
        if corpus is None:
            problem = f"the training text is not prepared in {config.cache_dir}; ngrams=true prepares it"
        elif len(corpus.ids["train"]) > MAX_COUNTED_TOKENS:
            problem = f"the training text has {len(corpus.ids['train']):,} tokens; ngrams=true counts it nevertheless"
        else:
            return NgramScores.from_corpus(corpus)
    log.info("no Kneser-Ney surprisal: %s", problem)
    return saved

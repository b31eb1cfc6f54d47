"""The measurement of a genome's model at the end of its training."""

import logging

from halo.corpus.corpus import Corpus
from halo.genomics.markov import MAX_COUNTED_BASES
from halo.genomics.measurement import Measurement, measure
from halo.genomics.model_scores import ModelScorer
from halo.genomics.sequences import split_pieces, training_codes
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)


def measure_run(model: LanguageModel, corpus: Corpus) -> Measurement | None:
    """Returns bits per base of the test regions beside Markov models; None for a text, or where that is not possible.

    Args:
        model: The trained model.
        corpus: What it was trained on.
    """
    if "genome" not in corpus.manifest:
        return None
    bases = corpus.counts["train"].characters
    if bases > MAX_COUNTED_BASES:
        log.warning("No Markov models: the training regions have %s bases, the limit is %s", bases, MAX_COUNTED_BASES)
    try:
        return measure(
            ModelScorer(model, corpus.tokenizer, place="the model"),
            train=training_codes(corpus) if bases <= MAX_COUNTED_BASES else [],
            validation=split_pieces(corpus, "validation"),
            test=split_pieces(corpus, "test"),
            both_strands=False,
        )
    except InputError as error:  # a model that has diverged is saved all the same
        log.warning("No bits per base: %s", error)
        return None

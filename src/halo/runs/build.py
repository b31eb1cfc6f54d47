"""Builds what Lightning trains: a data module and a module with a new model."""

import logging

import lightning as L

from halo.config import TrainConfig
from halo.data.datamodule import CorpusDataModule
from halo.models.language_model import num_parameters
from halo.models.model_spec import build_model
from halo.models.ngram.unigram import Unigram
from halo.reports.console import corpus_table
from halo.training.module import LanguageModelModule

log = logging.getLogger(__name__)


def build(config: TrainConfig) -> tuple[CorpusDataModule, LanguageModelModule]:
    """Returns the prepared text and a newly initialised model, after seeding every random number generator.

    Raises:
        InputError: The text cannot be used, or the model does not fit into memory.
    """
    L.seed_everything(config.seed, workers=True, verbose=False)
    data = CorpusDataModule(config.data, seed=config.seed)
    log.info(corpus_table(data.corpus))
    model = build_model(config.model, data.corpus.tokenizer.words())
    if config.model.init_bias_from_unigram:
        model.init_output_bias(Unigram(data.corpus.ids["train"], data.corpus.tokenizer.vocab_size))
    log.info("Model: %s, %s parameters", config.model.name, f"{num_parameters(model):,}")
    module = LanguageModelModule(
        model,
        optim=config.optim,
        schedule=config.schedule,
        gradient_clip=config.gradient_clip,
        sampled_softmax=config.sampled_softmax,
    )
    return data, module

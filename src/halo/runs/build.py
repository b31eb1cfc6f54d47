"""Builds what Lightning trains: a data module and a module with a new model."""

import logging
from collections.abc import Callable

import lightning as L

from halo.auditing.canaries.insertion import insert_canaries, make_canaries
from halo.config import TrainConfig
from halo.corpus.corpus import Corpus
from halo.data.datamodule import CorpusDataModule
from halo.models.language_model import LanguageModel, num_parameters
from halo.models.model_spec import build_model
from halo.models.ngram.unigram import Unigram
from halo.reports.console import corpus_table
from halo.reports.data_report.hints import hint_lines, share_of_unknown, unknown_advice
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from halo.training.module import LanguageModelModule
from halo.training.sharding import is_sharded, whole_state_dict

log = logging.getLogger(__name__)


MakeModel = Callable[[TextTokenizer], LanguageModel]
"""Returns the model that a run starts with, for the vocabulary of its text."""


def build(config: TrainConfig, *, make_model: MakeModel | None = None) -> tuple[CorpusDataModule, LanguageModelModule]:
    """Returns the prepared text and a newly initialised model, after seeding every random number generator.

    Args:
        config: The configuration of the run.
        make_model: Returns a model of the configured architecture to start with; None for a new one.

    Raises:
        InputError: The text cannot be used, or the model does not fit into memory.
    """
    L.seed_everything(config.seed, workers=True, verbose=False)
    data = open_text(config)
    if make_model is None:
        model = build_model(config.model, data.corpus.tokenizer.words())
        if config.model.init_bias_from_unigram:
            model.init_output_bias(Unigram(data.corpus.ids["train"], data.corpus.tokenizer.vocab_size))
    else:
        model = make_model(data.corpus.tokenizer)
    log.info("Model: %s, %s parameters", config.model.name, f"{num_parameters(model):,}")
    module = LanguageModelModule(
        model,
        optim=config.optim,
        schedule=config.schedule,
        gradient_clip=config.gradient_clip,
        sampled_softmax=config.sampled_softmax,
    )
    return data, module


def _canary_insertion(config: TrainConfig) -> Callable[[Corpus], Corpus] | None:
    """Returns what inserts the canaries of a run into its training text; None if there are none."""
    number, seed = config.audit.canaries, config.seed
    if not number:
        return None
    return lambda corpus: insert_canaries(corpus, make_canaries(corpus.tokenizer, number=number, seed=seed), seed=seed)


def whole_model(module: LanguageModelModule, config: TrainConfig, corpus: Corpus) -> LanguageModel | None:
    """Returns the trained model with all its weights; of a sharded one, None on processes other than the first.

    Args:
        module: The trained module; every process of the run has to call this.
        config: The configuration of the run.
        corpus: The prepared text of the run.
    """
    if not is_sharded(module):
        return module.model
    weights = whole_state_dict(module.model)
    if not weights:
        return None
    model = build_model(config.model, corpus.tokenizer.words())
    model.load_state_dict(weights)
    return model


def open_text(config: TrainConfig) -> CorpusDataModule:
    """Returns the prepared text of a run, after logging its size and what may be wrong with it.

    Raises:
        InputError: The text cannot be used, or more of its words are unknown than `max_unknown` allows.
    """
    data = CorpusDataModule(config.data, seed=config.seed, change=_canary_insertion(config), is_private=config.private)
    corpus = data.corpus
    log.info(corpus_table(corpus))
    shares = {split: corpus.counts[split].out_of_vocabulary_rate for split in ("train", "validation")}
    too_many = [split for split, share in shares.items() if share > config.max_unknown]
    if too_many:
        raise InputError(
            f"{config.data.source}: {share_of_unknown(corpus, too_many)} are unknown words (<unk>), more than "
            f"max_unknown={config.max_unknown:g}; use {unknown_advice(corpus, max(shares.values()))}; max_unknown=1 "
            "trains anyway"
        )
    for line in hint_lines(corpus):
        log.warning(line)
    return data

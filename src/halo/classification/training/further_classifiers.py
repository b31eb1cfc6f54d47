"""Trains further classifiers with the settings of a run, for its learning curve and its cross-validation."""

import contextlib
import copy
import logging
import math
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lightning.pytorch.callbacks import ModelCheckpoint

from halo.bundle.checkpoints import load_checkpoint
from halo.bundle.loading import Bundle
from halo.classification.classifier import TextClassifier
from halo.classification.labelled_documents import LabelledDocuments
from halo.classification.training.batches import LabelledDataModule
from halo.classification.training.module import MONITOR
from halo.classification.training.module import log as module_log
from halo.classification.training.new_module import new_module
from halo.config import ClassifyConfig
from halo.corpus.corpus import Corpus
from halo.runs.train import train
from halo.training.trainer import build_trainer

MIN_UPDATES = 100
"""Where a pass over few documents is a single update, passes are added until there are about as many as this."""


def further_classifier(
    documents: LabelledDocuments,
    seed: int,
    *,
    config: ClassifyConfig,
    encoder: Bundle,
    corpus: Corpus,
) -> TextClassifier:
    """Returns a classifier trained on other labelled documents, in evaluation mode; it leaves no files behind.

    Args:
        documents: The labelled documents.
        seed: Seed of its weights, dropout and order of documents.
        config: The settings of the run.
        encoder: The language model that it starts from, which stays as it is.
        corpus: The prepared text.
    """
    own = replace(config, seed=seed)
    settings = config.classifier
    updates_per_epoch = math.ceil(len(documents.splits["train"]) / settings.batch_size)
    epochs = max(settings.epochs, math.ceil(MIN_UPDATES / updates_per_epoch))
    with tempfile.TemporaryDirectory(prefix="halo-") as folder:
        best = ModelCheckpoint(folder, filename="best", monitor=MONITOR, mode="min", save_weights_only=True)
        chosen = {
            **{"devices": 1, "max_epochs": epochs, "max_steps": -1, "enable_progress_bar": False},
            # As many validations as in the run itself, however short an epoch is.
            "check_val_every_n_epoch": max(1, epochs // settings.epochs),
        }
        trainer = build_trainer({**config.trainer, **chosen}, Path(folder), [best], [])
        module = new_module(own, replace(encoder, model=copy.deepcopy(encoder.model)), documents)
        data = LabelledDataModule(
            corpus,
            documents,
            batch_size=settings.batch_size,
            max_difference=settings.max_gradient_tokens,
            word_dropout=settings.word_dropout,
            seed=seed,
        )
        with _quiet(module_log):
            train(trainer, module, data)
        load_checkpoint(module.model, best.best_model_path)
    return module.model.eval()


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Hides the lines about each epoch."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)

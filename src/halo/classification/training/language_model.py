"""The language model that a classifier starts from: a given one, adapted to the text, or one that is trained first."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger

from halo.bundle.loading import Bundle, ModelClass, load_bundle, load_run
from halo.classification.training.vocabulary_transfer import transfer_vocabulary
from halo.config import ClassifyConfig, CustomConfig, CustomModelConfig, TrainConfig
from halo.models.language_model import LanguageModel
from halo.runs.build import MakeModel
from halo.runs.fit import fit
from halo.runtime.errors import InputError
from halo.runtime.user_classes import import_class
from halo.tokenization.tokenizer import TextTokenizer
from halo.training.resume.restore import is_finished

log = logging.getLogger(__name__)

DEFAULT_EPOCHS = 3
"""Passes over the text with `adaptation.epochs=auto`."""


@dataclass(frozen=True)
class LanguageModelRun:
    """The run that trains or adapts the language model.

    Attributes:
        config: Its settings, with a run folder below that of the classifier.
        callbacks: Its Lightning callbacks.
        loggers: Its Lightning loggers.
    """

    config: TrainConfig
    callbacks: Sequence[Callback]
    loggers: Sequence[Logger]


def open_language_model(config: ClassifyConfig) -> Bundle | None:
    """Returns the given language model, in evaluation mode on the CPU; None if one is to be trained.

    Raises:
        InputError: The folder holds no language model, or is damaged.
    """
    if config.language_model is None:
        return None
    folder, model_class = Path(config.language_model), _model_class(config)
    if not folder.is_dir():
        raise InputError(f"language_model={folder}: no such folder; give a run folder of halo.train or a bundle")
    load = load_bundle if (folder / "model.safetensors").exists() else load_run
    try:
        return load(folder, model_class=model_class)
    except InputError as error:  # names the setting of other commands
        raise InputError(re.sub(r"\b(run|bundle)=", "language_model=", str(error))) from error


def make_language_model(
    config: ClassifyConfig, run: LanguageModelRun, given: Bundle | None, tokenizer: TextTokenizer
) -> Bundle | None:
    """Returns the language model for the vocabulary of the text, trained or adapted; None on ranks other than 0.

    Args:
        config: The settings of the classifier.
        run: The run that trains it; not started if the given one needs no adaptation, or if it is finished.
        given: The language model to start from; None to train one.
        tokenizer: The vocabulary of the text.

    Raises:
        InputError: As `halo.runs.fit.fit`, or the given model knows no word of the text.
    """
    if given is not None:
        is_same = given.tokenizer.vocabulary() == tokenizer.vocabulary()
        epochs = _epochs(config, is_same=is_same)
        if epochs == 0:
            return given if is_same else _with_vocabulary(given, tokenizer)
        run = _adapting(run, config, given, epochs=epochs)
    folder = Path(str(run.config.run_dir))
    if (folder / "bundle").is_dir() and is_finished(run.config, folder):
        log.info("The language model is finished: %s", folder)
    else:
        log.info("Language model: %s", "is trained first" if given is None else "is adapted to the text")
        make_model = None if given is None else _maker(given)
        if fit(run.config, callbacks=run.callbacks, loggers=run.loggers, make_model=make_model) is None:
            return None
    return load_bundle(folder / "bundle", model_class=_model_class(config))


def _epochs(config: ClassifyConfig, *, is_same: bool) -> int:
    if config.adaptation.epochs != "auto":
        return int(config.adaptation.epochs)
    if is_same:
        log.info("The language model has the vocabulary of this text already: it is not adapted (adaptation.epochs)")
    return 0 if is_same else DEFAULT_EPOCHS


def _adapting(run: LanguageModelRun, config: ClassifyConfig, given: Bundle, *, epochs: int) -> LanguageModelRun:
    """Returns the run with the architecture of the given model, and the epochs and learning rate of the adaptation."""
    optim = run.config.optim
    if not isinstance(optim, CustomConfig):
        optim = replace(optim, lr=config.adaptation.lr)
    trainer = {**run.config.trainer, "max_epochs": epochs}
    return replace(run, config=replace(run.config, model=given.config.model, optim=optim, trainer=trainer))


def _maker(given: Bundle) -> MakeModel:
    def make_model(tokenizer: TextTokenizer) -> LanguageModel:
        return _with_vocabulary(given, tokenizer).model.train()

    return make_model


def _with_vocabulary(given: Bundle, tokenizer: TextTokenizer) -> Bundle:
    """Returns the language model with another vocabulary, after logging how many of its words are known."""
    transferred = transfer_vocabulary(given, tokenizer)
    log.info(
        "Vocabulary: %s of %s words are those of the language model; %s are new",
        f"{transferred.num_copied:,}",
        f"{tokenizer.vocab_size:,}",
        f"{transferred.num_new:,}",
    )
    return replace(given, model=transferred.model.eval(), tokenizer=tokenizer)


def _model_class(config: ClassifyConfig) -> ModelClass:
    """Returns the class of a custom model, which the user's own settings name."""
    if not isinstance(config.model, CustomModelConfig):
        return None
    found: type[LanguageModel] = import_class(config.model.target, LanguageModel, key="model._target_")  # type: ignore[type-abstract]
    return found

"""Trains a classifier end to end: language model, head, best epoch, temperature, bundle and figures; without Hydra."""

import contextlib
import copy
import functools
import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import Logger, TensorBoardLogger

from halo.bundle.checkpoints import load_checkpoint
from halo.bundle.loading import Bundle
from halo.bundle.saving import weights_sha256
from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import ClassifierBundle, load_classifier, save_classifier
from halo.classification.labelled_documents import LabelledDocuments, label_counts, labelled_documents
from halo.classification.measurement.calibration import fit_temperature
from halo.classification.measurement.measure import MEASURED, Measurement
from halo.classification.page.report import measure_and_report
from halo.classification.probabilities import predict_logits
from halo.classification.training.batches import LabelledDataModule
from halo.classification.training.further_classifiers import further_classifier
from halo.classification.training.language_model import LanguageModelRun, make_language_model, open_language_model
from halo.classification.training.module import MONITOR
from halo.classification.training.new_module import new_module
from halo.config import SPLITS, ClassifyConfig, CustomModelConfig, SavedConfig, plain
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.models.language_model import LanguageModel, num_parameters
from halo.reports.cards.classifier_card import classifier_card
from halo.reports.cards.data_card import data_card
from halo.reports.cards.data_facts import data_facts
from halo.runs.run_folder import require_new, run_folder
from halo.runs.run_logs import hparams_columns
from halo.runs.train import train
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, require
from halo.runtime.run_lock import run_lock
from halo.training.callbacks.progress_bar import EpochProgressBar
from halo.training.failures import as_training_error
from halo.training.resume.logs import resume_logs
from halo.training.resume.restore import (
    ResumeSource,
    find_resume_source,
    remove_later_checkpoints,
    require_same_text,
)
from halo.training.resume.resume_checkpoints import ResumeCheckpoints, find_resume_callback
from halo.training.tensorboard import last_step, log_hparams
from halo.training.trainer import build_trainer

log = logging.getLogger(__name__)


def fit_classifier(
    config: ClassifyConfig, language_model_run: LanguageModelRun, *, loggers: Sequence[Logger]
) -> ClassifierBundle | None:
    """Trains a classifier in `config.run_dir`, measures and saves it, and returns it; None on ranks other than 0.

    Args:
        config: The settings.
        language_model_run: The run that trains or adapts the language model.
        loggers: Lightning loggers of the classifier.

    Raises:
        InputError: A setting, the text or the run folder cannot be used; nothing has been written.
        TrainingError: The run started and cannot continue.
    """
    keep_freed_memory()
    run_dir = run_folder(config)
    trainer = _build_trainer(config, run_dir, loggers)
    if config.resume is None:
        require_new(run_dir)
    resumed = find_resume_source(_with_own_epochs(config), run_dir)
    given = open_language_model(config)
    corpus = prepare(config.data)
    documents = _documents(config, corpus)
    require_same_text(resumed, corpus.folder.name)
    with _open_run_folder(config, trainer, resumed):
        encoder = make_language_model(config, language_model_run, given, corpus.tokenizer)
        if encoder is None:
            return None
        log.info("Classifier: %s", _described(documents))
        further = functools.partial(
            further_classifier,
            config=config,
            encoder=replace(encoder, model=copy.deepcopy(encoder.model)),
            corpus=corpus,
        )
        module = new_module(config, encoder, documents)
        data = LabelledDataModule(
            corpus,
            documents,
            batch_size=config.classifier.batch_size,
            max_difference=config.classifier.max_gradient_tokens,
            word_dropout=config.classifier.word_dropout,
            seed=config.seed,
        )
        if config.resume is not None:
            resume_logs(trainer.loggers, _logged(config), 0 if resumed is None else resumed.step)
        else:
            for logger in trainer.loggers:
                logger.log_hyperparams(_logged(config))
        train(trainer, module, data, resume_from=None if resumed is None else resumed.file)
        _load_best(module.model, trainer)
        _save(config, module.model, encoder, documents)
        classifier = load_classifier(run_dir, model_class=_class_of(encoder))
        measurement = measure_and_report(run_dir, documents, classifier, config, train=further)
        _write_cards(config, classifier, corpus, measurement)
        _log_measurement(config, trainer, measurement)
    return classifier


def _write_cards(
    config: ClassifyConfig, classifier: ClassifierBundle, corpus: Corpus, measurement: Measurement
) -> None:
    """Writes the cards of the classifier and of its text beside its weights."""
    facts = data_facts(corpus)
    card = classifier_card(
        classifier.config,
        measurement.metrics(),
        labels=classifier.labels,
        num_parameters=num_parameters(classifier.model),
        card=config.card,
        facts=facts,
        weights_sha256=weights_sha256(classifier.model),
        is_public=config.private,
    )
    atomic_write(classifier.folder / "README.md", card)
    text_card = data_card(config.data, facts, config.card, is_public=config.private)
    atomic_write(classifier.folder / "data_card.md", text_card)


def _load_best(model: TextClassifier, trainer: L.Trainer) -> None:
    """Loads the weights of the best epoch; a run without a validation keeps its last ones."""
    file = getattr(trainer.checkpoint_callback, "best_model_path", "")
    if file:
        load_checkpoint(model, file)
    else:
        log.warning("There is no best checkpoint: the last weights are measured and saved")


def _documents(config: ClassifyConfig, corpus: Corpus) -> LabelledDocuments:
    documents = labelled_documents(corpus, config.data)
    if config.classifier.num_labels is None:
        return documents
    return documents.with_training_subset(config.classifier.num_labels, seed=config.seed)


def _described(documents: LabelledDocuments) -> str:
    sizes = ", ".join(f"{len(documents.splits[split]):,} {split}" for split in SPLITS)
    return f"{len(documents.labels)} labels, {sizes} documents"


def _build_trainer(config: ClassifyConfig, run_dir: Path, loggers: Sequence[Logger]) -> L.Trainer:
    """Returns the Trainer of the classifier, on one device.

    Raises:
        InputError: Several devices are asked for.
    """
    settings = dict(_with_own_epochs(config).trainer)
    devices, nodes = settings.get("devices", "auto"), settings.get("num_nodes", "auto")
    allowed = "a classifier is trained on one device; train the language model with halo.train on several"
    require(devices in ("auto", 1, "1") or isinstance(devices, list), "trainer.devices", devices, allowed)
    require(nodes in ("auto", 1), "trainer.num_nodes", nodes, allowed)
    settings["devices"] = 1 if devices == "auto" else devices
    checkpoints = run_dir / "checkpoints"
    intervals = config.callbacks.get("resume") or {}
    callbacks: list[Callback] = [
        ResumeCheckpoints(str(checkpoints), intervals.get("every_n_steps"), intervals.get("every_n_minutes")),
        ModelCheckpoint(
            checkpoints,
            filename="best",
            monitor=MONITOR,
            mode="min",
            save_weights_only=True,
            enable_version_counter=False,
        ),
        LearningRateMonitor("step"),
        EpochProgressBar(),
    ]
    trainer = build_trainer(settings, run_dir, callbacks, loggers)
    require(trainer.world_size == 1, "trainer.devices", devices, allowed)
    return trainer


def _with_own_epochs(config: ClassifyConfig) -> ClassifyConfig:
    """Returns the settings with the classifier's epochs for the Trainer, in place of those of the language model."""
    return replace(config, trainer={**config.trainer, "max_epochs": config.classifier.epochs, "max_steps": -1})


def _logged(config: ClassifyConfig) -> dict[str, Any]:
    return {key: value for key, value in plain(config).items() if key not in ("callbacks", "logger", "samples")}


@contextlib.contextmanager
def _open_run_folder(config: ClassifyConfig, trainer: L.Trainer, resumed: ResumeSource | None) -> Iterator[None]:
    """Locks the run folder, writes the settings, and turns failures into one-line errors.

    A run that is refused before anything has been trained leaves nothing behind.

    Raises:
        InputError: The folder cannot be written, or another run uses it.
        TrainingError: The run failed.
    """
    run_dir = run_folder(config)
    callback = find_resume_callback(trainer)
    assert callback is not None

    def has_trained() -> bool:
        return trainer.fit_loop.epoch_loop.batch_progress.total.completed > 0

    with as_training_error(config, callback.newest_file, has_trained=has_trained), run_lock(run_dir):
        if config.resume is None:
            require_new(run_dir)
        else:
            remove_later_checkpoints(run_dir, resumed)
        is_new = not (run_dir / "config.yaml").exists()
        kept = {path.name for path in run_dir.iterdir()}
        atomic_write(run_dir / "config.yaml", yaml.safe_dump(plain(config), allow_unicode=True, sort_keys=False))
        try:
            yield
        except InputError:
            if is_new and not (run_dir / "language_model" / "bundle").exists() and not has_trained():
                _remove_new(run_dir, kept)
            raise


def _remove_new(run_dir: Path, kept: set[str]) -> None:
    for path in run_dir.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _save(config: ClassifyConfig, model: TextClassifier, encoder: Bundle, documents: LabelledDocuments) -> None:
    """Writes the bundle of the classifier."""
    settings = config.classifier
    log.info("Classifier: %s parameters", f"{num_parameters(model):,}")
    save_classifier(
        run_folder(config) / "bundle",
        model=model.eval(),
        tokenizer=documents.tokenizer,
        config=SavedConfig(data=config.data, model=encoder.config.model, private=config.private),
        labels=documents.labels,
        temperature=_temperature(model, documents),
        head_hidden=settings.head_hidden,
        settings={
            **plain(settings),
            "language_model": config.language_model,
            "train_documents": label_counts(documents.splits["train"], documents.labels),
        },
    )


def _temperature(model: TextClassifier, documents: LabelledDocuments) -> float:
    validation = documents.splits["validation"]
    return fit_temperature(predict_logits(model, validation.ids), validation.targets_N)


def _log_measurement(config: ClassifyConfig, trainer: L.Trainer, measurement: Measurement) -> None:
    """Writes the final figures to the loggers; in TensorBoard next to the settings in HParams."""
    metrics = measurement.metrics()
    names = [f"{split}_{figure}" for split in MEASURED for figure in ("accuracy", "macro_f1", "cross_entropy")]
    for logger in trainer.loggers:
        logger.log_metrics({f"hp/{name}": metrics[name] for name in names}, last_step(trainer))
        if isinstance(logger, TensorBoardLogger):
            columns = hparams_columns(plain(config.classifier), "classifier.")
            log_hparams(logger, columns, last_step(trainer))
        logger.save()


def _class_of(encoder: Bundle) -> type[LanguageModel] | None:
    return type(encoder.model) if isinstance(encoder.config.model, CustomModelConfig) else None

"""Runs training end to end: from a configuration to a trained, measured and saved model, without Hydra."""

import json
import logging
import math
import os
from collections.abc import Sequence
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger

from halo.auditing import card_lines
from halo.auditing.audit import audit_after_training
from halo.auditing.output.files import write_audit
from halo.auditing.output.terminal import short_verdict
from halo.bundle.saving import save_bundle, weights_sha256
from halo.config import SPLITS, CustomModelConfig, SavedConfig, TrainConfig, default_cache_dir, plain
from halo.corpus.corpus import Corpus
from halo.distributed.connection import reported_to_first, wait_until_prepared
from halo.evaluation.baselines import kneser_ney_baseline, uniform_perplexity, unigram_baseline
from halo.evaluation.counterfactuals.measurement import measure_corpus
from halo.evaluation.document_scores import FILE_NAME as SCORES_FILE
from halo.evaluation.document_scores import score_documents, scores_as_bytes
from halo.evaluation.text_metrics import evaluate_split
from halo.evaluation.verdict import FinalNLL, verdict
from halo.genomics.run_measurement import measure_run
from halo.models.language_model import LanguageModel, num_parameters
from halo.reports.cards.data_card import data_card
from halo.reports.cards.data_facts import data_facts
from halo.reports.cards.metadata import completed
from halo.reports.cards.model_card import model_card
from halo.reports.cards.public_facts import public_metrics
from halo.reports.cards.reproduction import reproduction_facts
from halo.reports.console import next_commands
from halo.reports.run_page.environment import describe_environment
from halo.reports.run_page.page import try_to_write_page
from halo.reports.run_page.reported_run import ReportedRun
from halo.reports.run_page.run_metrics import AuditFigures, RunMetrics
from halo.reports.run_report import run_report
from halo.runs.build import MakeModel, build, whole_model
from halo.runs.chosen_weights import choose_weights
from halo.runs.result import FitResult
from halo.runs.run_callbacks import RunCallbacks
from halo.runs.run_folder import open_run_folder, require_new, run_folder
from halo.runs.run_logs import finished_logs, log_result, start_logs
from halo.runs.train import train
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.atomic_files import atomic_write, atomic_write_bytes, json_text
from halo.training.callbacks.energy import Machine, energy_entry
from halo.training.endings import early_end
from halo.training.resume.restore import ResumeSource, find_resume_source, require_same_text
from halo.training.resume.threads import set_threads
from halo.training.supported_callbacks import require_supported
from halo.training.trainer import build_trainer, connect_processes

log = logging.getLogger(__name__)


def fit(
    config: TrainConfig,
    *,
    callbacks: Sequence[Callback],
    loggers: Sequence[Logger],
    make_model: MakeModel | None = None,
) -> FitResult | None:
    """Trains, measures and saves a model in `config.run_dir`, and returns the result; None on ranks other than 0.

    Args:
        config: The configuration of the run. Its `callbacks` and `logger` groups are only saved with the run; the
            objects that they describe are the next two arguments.
        callbacks: Lightning callbacks. With a `ModelCheckpoint` the best weights are measured and saved, otherwise the
            last ones.
        loggers: Lightning loggers.
        make_model: Returns a model of the configured architecture to start with; None for a new one.

    Raises:
        InputError: A setting, the text or the run folder cannot be used; nothing has been written.
        TrainingError: The run started and cannot continue.
    """
    keep_freed_memory()
    require_supported(callbacks, loggers)
    run_callbacks = RunCallbacks.of(config, callbacks)
    with reported_to_first():
        trainer = build_trainer(config.trainer, run_folder(config), run_callbacks.in_order(), loggers)
        connect_processes(trainer, config)
    resumed = find_start(config, trainer)
    set_threads(resumed, processes=trainer.world_size)
    data, module = build(config, make_model=make_model)
    require_same_text(resumed, data.corpus.folder.name)
    wait_until_prepared()
    with open_run_folder(config, trainer, data.corpus, resumed), finished_logs(trainer):
        if trainer.is_global_zero:
            start_logs(config, trainer, data.corpus, resumed)
            if resumed is not None and (run_folder(config) / "metrics.json").exists():
                log.info("The run was finished already: it will be measured and saved again")
        train(trainer, module, data, resume_from=None if resumed is None else resumed.file)
        model = whole_model(module, config, data.corpus)
        if model is None or not trainer.is_global_zero:
            return None
        if (ending := early_end(trainer)) is not None:
            log.info(ending.line)
        result = _measure(config, model, data.corpus, run_callbacks, trainer)
        audit = _audit(config, model, data.corpus, trainer)
        _save(result, config, model, data.corpus, audit)
        log_result(config, trainer, result, model=model, corpus=data.corpus)
        _write_page(result, config, model, data.corpus, audit)
    commands = next_commands(
        result.run_dir,
        prompt=run_callbacks.samples.first_prompt,
        model_class=config.model.target if isinstance(config.model, CustomModelConfig) else None,
        cache_dir=None if config.data.cache_dir == default_cache_dir() else config.data.cache_dir,
        forecasts=config.data.series is not None,
    )
    remembered = () if audit is None else short_verdict(audit)
    log.info(run_report(result.metrics(), result.samples, commands, remembered=remembered))
    return result


def find_start(config: TrainConfig, trainer: L.Trainer) -> ResumeSource | None:
    """Returns the checkpoint to resume from; None for a new run, whose folder must not hold a run yet."""
    if trainer.is_global_zero and config.resume is None:
        require_new(run_folder(config))
    return find_resume_source(config, run_folder(config))


def _measure(
    config: TrainConfig, model: LanguageModel, corpus: Corpus, run_callbacks: RunCallbacks, trainer: L.Trainer
) -> FitResult:
    """Chooses the weights, and returns their scores on each split, next to those of n-gram baselines."""
    chosen_weights = choose_weights(trainer, model, run_callbacks)
    scores = {name: evaluate_split(model, corpus, name, config.data) for name in SPLITS}
    unigram, kneser_ney, uniform = unigram_baseline(corpus), kneser_ney_baseline(corpus), uniform_perplexity(corpus)
    ending = early_end(trainer)
    final = FinalNLL(
        scores["train"].nll,
        scores["validation"].nll,
        unigram=unigram["validation"].nll,
        uniform=math.log(uniform),
        kneser_ney=kneser_ney["validation"].nll if kneser_ney else None,
        kneser_ney_train=kneser_ney["train"].nll if kneser_ney else None,
        train_tokens=corpus.counts["train"].tokens,
    )
    return FitResult(
        run_dir=run_folder(config),
        scores=scores,
        unigram=unigram,
        kneser_ney=kneser_ney,
        uniform_perplexity=uniform,
        num_parameters=num_parameters(model),
        verdict=verdict(
            run_callbacks.learning_curve.history,
            final,
            steps=trainer.global_step,
            early_end=None if ending is None else ending.summary,
        ),
        chosen_weights=chosen_weights,
        tokens_per_second=run_callbacks.throughput.tokens_per_second,
        minutes=run_callbacks.throughput.minutes,
        samples=run_callbacks.samples.generate(model, corpus.tokenizer),
        history=run_callbacks.learning_curve.history,
        early_end=None if ending is None else ending.line,
        environment=describe_environment(trainer.strategy.root_device),
        genome=measure_run(model, corpus),
        facts=_card_facts(config, model, corpus, run_callbacks, trainer),
    )


def _card_facts(
    config: TrainConfig, model: LanguageModel, corpus: Corpus, run_callbacks: RunCallbacks, trainer: L.Trainer
) -> dict[str, Any]:
    """Returns what the cards say beside the figures, as plain data for metrics.json."""
    card = completed(config.card, config.data)
    threads, cores = torch.get_num_threads(), os.cpu_count() or 1
    facts = {
        **({"private": True} if config.private else {}),
        "card": plain(card),
        "counterfactuals": measure_corpus(model, corpus, language=card.language, swaps=card.swaps),
        "energy": energy_entry(
            minutes=run_callbacks.throughput.minutes,
            machine=Machine(trainer.strategy.root_device.type, trainer.world_size, threads, cores),
            watts=card.watts,
            carbon_intensity=card.carbon_intensity,
            counter=run_callbacks.energy,
        ),
        "data": data_facts(corpus),
        "reproduction": reproduction_facts(plain(config), weights_sha256=weights_sha256(model)),
    }
    return public_metrics(facts, config.data) if config.private else facts


def _audit(config: TrainConfig, model: LanguageModel, corpus: Corpus, trainer: L.Trainer) -> dict[str, Any] | None:
    """Returns what the model remembers of its training text; None without an audit."""
    windows = trainer.global_step * trainer.accumulate_grad_batches
    trained_tokens = windows * config.data.batch_size * config.data.sequence_length
    return audit_after_training(model, corpus, config, run_dir=run_folder(config), trained_tokens=trained_tokens)


def _save(
    result: FitResult, config: TrainConfig, model: LanguageModel, corpus: Corpus, audit: dict[str, Any] | None
) -> None:
    """Writes the bundle, metrics.json, document_scores.npz, and audit.json and audit.html if there is an audit."""
    metrics, saved = result.metrics(), SavedConfig(data=config.data, model=config.model, private=config.private)
    document_scores = scores_as_bytes(score_documents(result.scores, corpus))
    save_bundle(
        result.run_dir / "bundle",
        model=model,
        tokenizer=corpus.tokenizer,
        word_statistics=corpus.word_statistics(),
        config=saved,
        metrics=metrics,
        model_card=model_card(
            saved,
            metrics,
            vocab_size=corpus.tokenizer.vocab_size,
            num_parameters=result.num_parameters,
            samples=result.samples,
            memorisation="" if audit is None else card_lines(audit),
            is_public=config.private,
        ),
        data_card=data_card(config.data, metrics["data"], config.card, is_public=config.private),
        document_scores=document_scores,
        series_bins=corpus.series_bins,
    )
    atomic_write_bytes(result.run_dir / SCORES_FILE, document_scores)
    if audit is not None:
        write_audit(audit, result.run_dir, source=result.run_dir.name)
    atomic_write(result.run_dir / "metrics.json", json_text(metrics))


def _write_page(
    result: FitResult, config: TrainConfig, model: LanguageModel, corpus: Corpus, audit: dict[str, Any] | None
) -> None:
    """Writes report.html, the page about the run."""
    try_to_write_page(
        lambda: ReportedRun(
            folder=result.run_dir,
            model=model,
            tokenizer=corpus.tokenizer,
            config=SavedConfig(data=config.data, model=config.model, private=config.private),
            settings=plain(config),
            metrics=RunMetrics.read(json.loads(json_text(result.metrics())), place="metrics.json"),
            corpus=corpus,
            audit=None if audit is None else AuditFigures.read(audit, place="audit.json"),
        ),
        result.run_dir,
    )

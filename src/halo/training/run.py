"""A whole run: from a configuration to a trained, measured and saved model. Callable without Hydra."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from filelock import FileLock, Timeout
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import Logger, TensorBoardLogger

from halo.allocator import keep_freed_memory
from halo.bundle import build_model, load_checkpoint, save_bundle
from halo.config import SavedConfig, TrainConfig, plain
from halo.data.datamodule import CorpusDataModule
from halo.errors import InputError, require
from halo.evaluation.quality import Quality, measure_split
from halo.evaluation.scoring import Score
from halo.models.language_model import LanguageModel
from halo.models.ngram import Unigram
from halo.reporting import corpus_table, model_card
from halo.text.corpus import Corpus
from halo.text.splitting import SPLITS
from halo.training.averaging import Averaging, make_averaging
from halo.training.baselines import kneser_ney_scores, unigram_scores
from halo.training.callbacks import LearningCurve, SampleText, Throughput, log_corpus_figures, log_text
from halo.training.faults import told_in_one_line
from halo.training.module import LanguageModelModule
from halo.training.resume_points import ResumePoints
from halo.training.resuming import Resumption, continue_logs, require_same_text, resumption, tidy_up
from halo.training.trainer import build_trainer
from halo.training.verdict import verdict
from halo.writing import write_whole

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FitResult:
    """What a run reached.

    Attributes:
        run_dir: The folder of the run; the saved model is its `bundle/`.
        scores: For each split how well the chosen weights predict it, without dropout.
        unigram: The same for a unigram model.
        kneser_ney: The same for a Kneser-Ney 5-gram model; empty where the training text is too large to count.
        vocab_size: Words of the vocabulary: the perplexity of a model that knows nothing.
        num_parameters: Weights of the model, shared ones counted once.
        verdict: Whether it underfits, fits or overfits, in one line.
        chosen: Which weights were measured and saved: the best checkpoint's, or the last where there is none,
            and what they are an average of, where they are one.
        tokens_per_second: Trained tokens per second, without validation.
        minutes: Duration of the whole run.
        samples: Texts that the model wrote.
    """

    run_dir: Path
    scores: dict[str, Quality]
    unigram: dict[str, Score]
    kneser_ney: dict[str, Score]
    vocab_size: int
    num_parameters: int
    verdict: str
    chosen: str
    tokens_per_second: float
    minutes: float
    samples: list[str]

    def metrics(self) -> dict[str, Any]:
        """Returns the figures as plain data."""
        return {
            **{f"{name}_perplexity": result.perplexity for name, result in self.scores.items()},
            **{f"{name}_nats_per_token": result.nats_per_token for name, result in self.scores.items()},
            **{f"{name}_tokens": result.num_tokens for name, result in self.scores.items()},
            **{f"unigram_{name}_perplexity": result.perplexity for name, result in self.unigram.items()},
            **{f"kneser_ney_{name}_perplexity": result.perplexity for name, result in self.kneser_ney.items()},
            "gap_nats_per_token": gap_nats(self.scores),
            "verdict": self.verdict,
            "quality": {name: result.plain() for name, result in self.scores.items()},
            "uniform_perplexity": self.vocab_size,
            "parameters": self.num_parameters,
            "weights": self.chosen,
            "train_tokens_per_second": self.tokens_per_second,
            "minutes": self.minutes,
        }


def gap_nats(scores: Mapping[str, Quality]) -> float:
    """Returns by how many nats per token validation is harder to predict than the training text."""
    return scores["validation"].nats_per_token - scores["train"].nats_per_token


def fit(config: TrainConfig, *, callbacks: Sequence[Callback], loggers: Sequence[Logger]) -> FitResult | None:
    """Trains, tests and saves a model in `config.run_dir`, and returns what it reached.

    On all ranks but the first it returns None.

    Args:
        config: The run. Its `callbacks` and `logger` parts are kept with the run; what they describe is passed as:
        callbacks: Lightning callbacks; with a `ModelCheckpoint` the best weights are measured and saved, else the last.
        loggers: Lightning loggers.

    Raises:
        InputError: A setting, the text or the run folder cannot be used; nothing has been written then.
        TrainingError: The run began and cannot go on.
    """
    keep_freed_memory()
    run_dir = folder_of(config)
    throughput, sampler = Throughput(), SampleText(config.samples)
    curve, averaging = LearningCurve(run_dir / "learning_curve.png", throughput), make_averaging(config.averaging)
    # Points are written before any other callback has seen the step; samples are those of the average.
    points = [each for each in callbacks if isinstance(each, ResumePoints)]
    others = [each for each in callbacks if not isinstance(each, ResumePoints)]
    own = [*points, throughput, curve, sampler, *([averaging] if averaging else [])]
    trainer = build_trainer(config.trainer, run_dir, [*own, *others], loggers)
    if trainer.is_global_zero and config.resume is None:
        _require_fresh(run_dir)
    resumed = resumption(config, run_dir)
    data, module = assemble(config)
    corpus, model = data.corpus, module.model
    require_same_text(resumed, corpus.folder.name)
    newest_point = points[0].newest_file if points else lambda: None
    with told_in_one_line(config, newest_point), sole_use(run_dir) if trainer.is_global_zero else nullcontext():
        if trainer.is_global_zero:
            _begin(config, run_dir, trainer, corpus, resumed)
        train(trainer, module, data, points, resumed)
        if not trainer.is_global_zero:
            return None
        model.to(trainer.strategy.root_device)  # Lightning moves it to the CPU when training ends
        chosen = _choose_weights(trainer, model, averaging)
        scores = {name: measure_split(model, corpus, name, config.data) for name in SPLITS}
        result = FitResult(
            run_dir=run_dir,
            scores=scores,
            unigram=unigram_scores(corpus),
            kneser_ney=kneser_ney_scores(corpus),
            vocab_size=corpus.tokenizer.vocab_size,
            num_parameters=count_parameters(model),
            verdict=verdict(curve.history, gap_nats=gap_nats(scores)),
            chosen=chosen,
            tokens_per_second=throughput.tokens_per_second,
            minutes=throughput.minutes,
            samples=sampler.samples(model, corpus.tokenizer),
        )
        _finish(result, config, trainer, model, corpus)
    return result


def folder_of(config: TrainConfig) -> Path:
    """Returns the folder of the run.

    Raises:
        InputError: It has no name.
    """
    require(config.run_dir is not None, "run_dir", None, "name the folder of the run")
    return Path(str(config.run_dir))


def assemble(config: TrainConfig) -> tuple[CorpusDataModule, LanguageModelModule]:
    """Seeds all randomness, prepares the text, and returns it with a new model to train on it; logs what they are.

    Raises:
        InputError: The text cannot be used.
    """
    L.seed_everything(config.seed, workers=True, verbose=False)
    data = CorpusDataModule(config.data, seed=config.seed)
    log.info(corpus_table(data.corpus))
    model = build_model(config.model, data.corpus.tokenizer.words())
    if config.unigram_start:
        model.start_from(Unigram(data.corpus.ids["train"], data.corpus.tokenizer.vocab_size))
    log.info("Model: %s, %s parameters", config.model.name, f"{count_parameters(model):,}")
    module = LanguageModelModule(
        model,
        optim=config.optim,
        schedule=config.schedule,
        gradient_clip=config.gradient_clip,
        sampled_softmax=config.sampled_softmax,
    )
    return data, module


def train(
    trainer: L.Trainer,
    module: LanguageModelModule,
    data: CorpusDataModule,
    points: Sequence[ResumePoints] = (),
    resumed: Resumption | None = None,
) -> None:
    """Trains; Ctrl-C is raised as what it is, after Lightning has put its loggers and processes in order.

    Args:
        trainer: The Trainer.
        module: What is trained.
        data: The text.
        points: The callbacks among the trainer's that listen to signals while it trains.
        resumed: What the run goes on from; None for the beginning.
    """
    try:
        with ExitStack() as stack:
            for each in points:
                stack.enter_context(each.signals.restored())
            trainer.fit(module, datamodule=data, ckpt_path=None if resumed is None else resumed.file)
    except SystemExit as end:
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        raise
    except MisconfigurationException as error:
        raise InputError(f"trainer: {str(error).splitlines()[0].replace('`', '')}") from error


def count_parameters(model: LanguageModel) -> int:
    """Returns the number of weights, shared ones counted once."""
    return sum(parameter.numel() for parameter in model.parameters())


def _require_fresh(run_dir: Path) -> None:
    holds_run = (run_dir / "config.yaml").exists()
    require(not holds_run, "run_dir", run_dir, "holds a run already; name another folder, or delete this one")


@contextmanager
def sole_use(run_dir: Path) -> Iterator[None]:
    """Keeps other runs out of a folder; a run that is killed does so no longer.

    Raises:
        InputError: Another run is going on there, or nothing can be written.
    """
    lock = FileLock(run_dir / ".lock", blocking=False)
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise InputError(f"run_dir={run_dir}: another run is going on there; wait, or name another folder") from error
    except OSError as error:
        raise InputError(f"run_dir={run_dir}: cannot be written ({error.strerror}); name another folder") from error
    with lock:
        yield


def _begin(config: TrainConfig, run_dir: Path, trainer: L.Trainer, corpus: Corpus, resumed: Resumption | None) -> None:
    """Writes what the run is made of, so that its checkpoints can be used from the first one on."""
    settings = plain(config)
    if config.resume is None:
        _require_fresh(run_dir)  # once more: another run may have begun meanwhile
    else:
        tidy_up(run_dir, resumed)
    write_whole(run_dir / "config.yaml", yaml.safe_dump(settings, allow_unicode=True, sort_keys=False))
    corpus.tokenizer.save(run_dir / "tokenizer.json")
    hyper_parameters = {key: value for key, value in settings.items() if key not in ("callbacks", "logger")}
    if config.resume is not None:
        continue_logs(trainer.loggers, hyper_parameters, 0 if resumed is None else resumed.step)
    if resumed is not None:
        log.info("Going on after step %d, from %s", resumed.step, resumed.file)
        return
    log_text(trainer, "corpus", corpus_table(corpus))
    log_corpus_figures(trainer, corpus)
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.log_hyperparams(hyper_parameters, {f"hp/{name}_perplexity": 0.0 for name in SPLITS})
        else:
            logger.log_hyperparams(hyper_parameters)


def _choose_weights(trainer: L.Trainer, model: LanguageModel, averaging: Averaging | None) -> str:
    """Puts the best checkpoint's weights into the model, where there is one, and says which weights it has."""
    keeper = trainer.checkpoint_callback
    if not isinstance(keeper, ModelCheckpoint) or keeper.monitor is None or not keeper.best_model_path:
        log.warning("No best checkpoint was kept: the last weights are measured and saved")
        chosen, average = f"last, step {trainer.global_step}", averaging.describe() if averaging else None
    else:
        step, average = load_checkpoint(model, Path(keeper.best_model_path))
        chosen = f"best by {keeper.monitor}, step {step} of {trainer.global_step}"
    return f"{chosen}, {average}" if average else chosen


def _finish(result: FitResult, config: TrainConfig, trainer: L.Trainer, model: LanguageModel, corpus: Corpus) -> None:
    """Writes the figures and the bundle."""
    metrics = result.metrics()
    for logger in trainer.loggers:
        logger.log_metrics(
            {f"hp/{name}_perplexity": result.scores[name].perplexity for name in SPLITS}, trainer.global_step
        )
        logger.save()
    saved = SavedConfig(data=config.data, model=config.model)
    save_bundle(
        result.run_dir / "bundle",
        model=model,
        tokenizer=corpus.tokenizer,
        config=saved,
        metrics=metrics,
        model_card=model_card(saved, corpus, metrics, result.samples),
    )
    write_whole(result.run_dir / "metrics.json", json.dumps(metrics, indent=2))

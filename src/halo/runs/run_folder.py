"""Opens the folder of a run: its lock, and the files that are written before training starts."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import lightning as L
import yaml
from lightning.pytorch.callbacks import ModelCheckpoint

from halo.auditing.canaries.insertion import make_canaries
from halo.config import RunConfig, TrainConfig, plain
from halo.corpus.corpus import Corpus
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import Stopped, require
from halo.runtime.run_lock import run_lock
from halo.tokenization.word_statistics import FILE_NAME as WORD_STATISTICS
from halo.training.failures import as_training_error
from halo.training.resume.restore import ResumeSource, remove_later_checkpoints
from halo.training.resume.resume_checkpoints import find_resume_callback


def run_folder(config: RunConfig) -> Path:
    """Returns the run folder that the configuration names.

    Raises:
        InputError: `run_dir` is not set.
    """
    require(config.run_dir is not None, "run_dir", None, "name the run folder")
    return Path(str(config.run_dir))


def require_new(run_dir: Path) -> None:
    """Raises `InputError` if the folder already holds a run."""
    holds_run = (run_dir / "config.yaml").exists()
    require(not holds_run, "run_dir", run_dir, "already holds a run; name another folder")


@contextlib.contextmanager
def open_run_folder(
    config: TrainConfig, trainer: L.Trainer, corpus: Corpus, resumed: ResumeSource | None
) -> Iterator[None]:
    """Locks the run folder, writes the settings and the vocabulary, and turns failures into one-line errors.

    These files make every checkpoint usable from the first one on. A run that ends before its first optimizer step
    leaves nothing behind, so that a corrected command can use the same folder. Ranks other than 0 only get the error
    handling.

    Args:
        config: The configuration of the run.
        trainer: The Trainer of the run.
        corpus: The prepared text of the run.
        resumed: The checkpoint that the run resumes from; None for a new run.

    Raises:
        InputError: The folder cannot be written, another run uses it, or a setting was rejected when training started.
        TrainingError: The run failed later; the message names the checkpoint to resume from.
    """
    run_dir = run_folder(config)
    resume_callback = find_resume_callback(trainer)
    newest_checkpoint = resume_callback.newest_file if resume_callback else lambda: None
    first_step = 0 if resumed is None else resumed.step

    def has_trained() -> bool:  # completed a step, and all callbacks have seen it
        completed = trainer.fit_loop.epoch_loop.batch_progress.total.completed
        return completed > 0 and trainer.global_step > first_step

    with contextlib.ExitStack() as stack:
        stack.enter_context(as_training_error(config, newest_checkpoint, has_trained=has_trained))
        if trainer.is_global_zero:
            stack.enter_context(run_lock(run_dir))
            if config.resume is None:
                require_new(run_dir)  # again, now that it is locked: another process may have started a run meanwhile
            else:
                remove_later_checkpoints(run_dir, resumed)
            if not (run_dir / "config.yaml").exists():
                stack.enter_context(_removed_unless(has_trained, run_dir))
            settings = yaml.safe_dump(plain(config), allow_unicode=True, sort_keys=False)
            atomic_write(run_dir / "config.yaml", settings)
            corpus.tokenizer.save(run_dir / "tokenizer.json")
            corpus.word_statistics().save(run_dir / WORD_STATISTICS)
            if config.audit.canaries:
                make_canaries(corpus.tokenizer, number=config.audit.canaries, seed=config.seed).save(
                    run_dir, private=config.private
                )
            if corpus.series_bins is not None:
                corpus.series_bins.save(run_dir)
            for checkpoint in trainer.checkpoint_callbacks:
                if isinstance(checkpoint, ModelCheckpoint) and checkpoint.dirpath:
                    Path(checkpoint.dirpath).mkdir(parents=True, exist_ok=True)  # or the first epoch would be lost
        yield


@contextlib.contextmanager
def _removed_unless(has_trained: Callable[[], bool], run_dir: Path) -> Iterator[None]:
    """Removes what a new run writes in its folder if it fails before its first step."""
    kept = {path.name for path in run_dir.iterdir()}
    try:
        yield
    except Stopped:
        raise  # a resume checkpoint was written
    except BaseException:
        if not has_trained():
            for path in run_dir.iterdir():
                if path.name not in kept:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise

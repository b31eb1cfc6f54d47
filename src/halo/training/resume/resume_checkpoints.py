"""Writes checkpoints from which a run resumes as if it had never stopped, and restores the run from them.

A resume checkpoint is a Lightning checkpoint that is written before a step. Lightning and the other callbacks store the
weights, optimizer, schedule, averages and counters. This callback adds, under `resume`, what a process carries from
step to step: the position in the streams, the recurrent state, the training metric, and the random number generators.
"""

import logging
import signal
import time
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import lightning as L
import torch
import torch.distributed as dist
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_only

from halo.corpus.corpus import Corpus
from halo.runtime.errors import Stopped, require
from halo.training.resume.checkpoint_files import (
    RESUME_FORMAT,
    find_resume_checkpoints,
    remove_old_checkpoints,
    resume_checkpoint_file,
)
from halo.training.resume.logs import flush_loggers
from halo.training.resume.random_states import random_states, set_random_states
from halo.training.resume.ranks import gather_from_ranks, redistribute_streams
from halo.training.resume.stop_signals import StopSignals, requeue, slurm_job

log = logging.getLogger(__name__)

SYNC_INTERVAL = 10
"""Steps after which several processes agree on whether to stop: reading the answer stalls a GPU."""


@runtime_checkable
class ResumableModule(Protocol):
    """A LightningModule that carries something from step to step."""

    def carry_state(self) -> dict[str, Any]:
        """Returns what this process carries, as plain data and tensors on the CPU."""

    def load_carry_state(self, carry_state: dict[str, Any]) -> None:
        """Restores the result of `carry_state`."""


@runtime_checkable
class ResumableLoader(Protocol):
    """A loader of training batches that can continue in the middle of a pass."""

    def state_dict(self) -> dict[str, Any]:
        """Returns the position of the batch that was yielded last."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Makes the next pass, and only that one, start with that batch."""


@runtime_checkable
class CorpusData(Protocol):
    """A data module of a prepared text."""

    @property
    def corpus(self) -> Corpus:
        """The prepared text."""


class ResumeCheckpoints(L.Callback):
    """Writes resume checkpoints at intervals of steps and minutes, and before a run stops because of a signal.

    The last two are kept. The signals of `stop_signals.py` stop the run before one of the next steps; under SLURM,
    SIGUSR1 also requeues its job.

    Args:
        dirpath: The folder of the checkpoints.
        every_n_steps: Interval in optimizer steps; null for none.
        every_n_minutes: Interval in minutes; null for none.

    Raises:
        InputError: An interval is not above 0.
    """

    def __init__(self, dirpath: str, every_n_steps: int | None, every_n_minutes: float | None) -> None:
        allowed = "a number above 0, or null for none, is needed"
        require(every_n_steps is None or every_n_steps >= 1, "callbacks.resume.every_n_steps", every_n_steps, allowed)
        valid = every_n_minutes is None or every_n_minutes > 0
        require(valid, "callbacks.resume.every_n_minutes", every_n_minutes, allowed)
        self.folder = Path(dirpath)
        self.every_n_steps = every_n_steps
        self.every_n_minutes = every_n_minutes
        self.signals = StopSignals()
        self._last_step = 0
        self._last_time = time.monotonic()
        self._carry_states: list[Any] | None = None  # of all processes, while a resume checkpoint is written
        self._loaded: dict[str, Any] | None = None  # until the first step restores it

    def newest_file(self) -> Path | None:
        """Returns the newest resume checkpoint of the run; None if there is none yet."""
        checkpoints = find_resume_checkpoints(self.folder)
        return checkpoints[-1].file if checkpoints else None

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Installs the signal handlers, and restores the position in the streams.

        The handlers replace those of Lightning, which do not wait for the end of a step. Lightning restores the
        position itself only if nothing, such as a schedule, asked for the number of steps before the checkpoint was
        loaded.
        """
        self.signals.listen()
        self._last_time = time.monotonic()
        if self._loaded is not None:
            train_loader(trainer).load_state_dict(self._loaded["windows"])

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Restores the carried state in the first step of a resumed run; writes a checkpoint if one is due."""
        assert isinstance(pl_module, ResumableModule)
        if self._loaded is not None:
            self._restore(self._loaded, trainer, pl_module)
            self._loaded = None
        if batch_idx % trainer.accumulate_grad_batches:
            return  # a checkpoint would lose the gradients accumulated so far
        signal_number, is_time = self._agree(trainer)
        if signal_number or is_time or self._is_due(trainer.global_step):
            self.write(trainer, pl_module)
        if signal_number:
            self._stop(trainer, signal_number)

    def _is_due(self, step: int) -> bool:
        return self.every_n_steps is not None and step % self.every_n_steps == 0 and step != self._last_step

    def _agree(self, trainer: L.Trainer) -> tuple[int, bool]:
        """Returns the signal that any process has received, 0 for none, and whether a checkpoint is due by time."""
        minutes = (time.monotonic() - self._last_time) / 60
        is_time = self.every_n_minutes is not None and minutes >= self.every_n_minutes
        if trainer.world_size == 1:
            return self.signals.received or 0, is_time
        if trainer.global_step % SYNC_INTERVAL:
            return 0, False
        own = [self.signals.received or 0, int(is_time)]
        largest = torch.tensor(own, device=trainer.strategy.root_device)
        dist.all_reduce(largest, op=dist.ReduceOp.MAX)
        signal_number, is_time_anywhere = largest.tolist()
        return signal_number, bool(is_time_anywhere)

    def write(self, trainer: L.Trainer, pl_module: ResumableModule) -> None:
        """Writes a resume checkpoint; between two steps only, and on all processes at once."""
        step = trainer.global_step
        flush_loggers(trainer)
        own = {"module": pl_module.carry_state(), "random": random_states(trainer.strategy.root_device)}
        self._carry_states = gather_from_ranks(own, trainer.world_size)
        trainer.save_checkpoint(resume_checkpoint_file(self.folder, step))
        self._carry_states = None
        if trainer.is_global_zero:
            remove_old_checkpoints(self.folder)
        self._last_step, self._last_time = step, time.monotonic()

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Adds the carried state to a resume checkpoint; other checkpoints are left unchanged."""
        if self._carry_states is not None:
            checkpoint["resume"] = {
                "format": RESUME_FORMAT,
                "text": corpus_fingerprint(trainer),
                "threads": torch.get_num_threads(),
                "windows": train_loader(trainer).state_dict(),
                "batches_that_stepped": trainer.fit_loop.epoch_loop._batches_that_stepped,
                "processes": self._carry_states,
            }

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Keeps the carried state until the first step: random numbers may be drawn before it."""
        self._loaded = checkpoint["resume"]
        self._last_step = checkpoint["global_step"]
        folders = {
            each.state_key: Path(each.dirpath)
            for each in trainer.checkpoint_callbacks
            if isinstance(each, ModelCheckpoint) and each.dirpath
        }
        relocate_best_checkpoints(checkpoint, folders)

    def _restore(self, loaded: dict[str, Any], trainer: L.Trainer, pl_module: ResumableModule) -> None:
        processes, world_size, rank = loaded["processes"], trainer.world_size, trainer.global_rank
        carry_states = [each["module"] for each in processes]
        pl_module.load_carry_state(redistribute_streams(carry_states, world_size=world_size, rank=rank))
        if len(processes) == world_size:
            set_random_states(processes[rank]["random"], trainer.strategy.root_device)
        else:
            rank_zero_only(log.warning)(
                "Resumed with %d processes instead of %d: streams are redistributed, and dropout masks differ",
                world_size,
                len(processes),
            )
        # For a checkpoint that was not written at the end of a step, Lightning counts one step too many in its logs,
        # and skips the step of a plateau schedule at the end of an epoch because it believes to be still restarting.
        trainer.fit_loop.epoch_loop._batches_that_stepped = loaded["batches_that_stepped"]
        trainer.fit_loop.restarting = False

    def _stop(self, trainer: L.Trainer, signal_number: int) -> None:
        job = slurm_job()
        if signal_number == signal.SIGUSR1 and job is not None and trainer.is_global_zero:
            log.info("SLURM job %s %s", job, requeue(job))
        raise Stopped(signal_number, step=trainer.global_step)


def find_resume_callback(trainer: L.Trainer) -> ResumeCheckpoints | None:
    """Returns the callback of a Trainer that writes resume checkpoints; None if it has none."""
    callbacks: list[L.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return next((each for each in callbacks if isinstance(each, ResumeCheckpoints)), None)


def corpus_fingerprint(trainer: L.Trainer) -> str:
    """Returns the fingerprint of the prepared text, which covers its settings."""
    data = getattr(trainer, "datamodule", None)
    assert isinstance(data, CorpusData), "resume checkpoints need the data module of a prepared text"
    return data.corpus.folder.name


def train_loader(trainer: L.Trainer) -> ResumableLoader:
    """Returns the loader of the training batches."""
    loader = trainer.train_dataloader
    assert isinstance(loader, ResumableLoader), "resume checkpoints need a loader with a position"
    return loader


def relocate_best_checkpoints(checkpoint: dict[str, Any], folders: dict[str, Path]) -> None:
    """Changes the paths in the state of `ModelCheckpoint` callbacks: the run may have been moved.

    Args:
        checkpoint: A loaded Lightning checkpoint.
        folders: The folder of the best checkpoints now, for the `state_key` of each callback.
    """
    for key, folder in folders.items():
        state = checkpoint["callbacks"].get(key)
        if state is None:
            continue
        before = Path(state["dirpath"])
        moved = {file: str(folder / Path(file).relative_to(before)) for file in _files_of(state)}
        state["dirpath"] = str(folder)
        for name in ("best_model_path", "last_model_path", "kth_best_model_path"):
            state[name] = moved.get(state[name], "")
        state["best_k_models"] = {moved[file]: score for file, score in state["best_k_models"].items()}


def _files_of(state: dict[str, Any]) -> set[str]:
    paths = {state["best_model_path"], state["last_model_path"], state["kth_best_model_path"], *state["best_k_models"]}
    return paths - {""}

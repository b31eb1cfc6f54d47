"""Points from which a run goes on as if it had never stopped: what they hold, when they are written, taking them up.

A point is a Lightning checkpoint that is written before a step. Beside weights, optimizer, schedule, averages,
callbacks, counters and the place in the streams, which Lightning or their owners put there, it holds under `resume`
what a process carries from step to step: the recurrent state, the sums of the training metric, and the states of all
sources of chance.

Shape letters: B streams of a process.
"""

import logging
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
import torch
import torch.distributed as dist
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from halo.data.datamodule import CorpusDataModule
from halo.data.streams import StreamLoader, Window
from halo.models.language_model import State
from halo.runtime.errors import Stopped, require
from halo.training.module import LanguageModelModule
from halo.training.resume.random_states import random_states, set_random_states
from halo.training.resume.stop_signals import StopSignals, slurm_job

log = logging.getLogger(__name__)

RESUME_FORMAT = 1
KEPT = 2
AGREEING_STEPS = 10
"""Several processes ask each other so often whether to stop, since a GPU has to be waited for to hear the answer."""
PREFIX, SUFFIX = "resume-", ".ckpt"


class ResumeCheckpoint(NamedTuple):
    """A file to go on from, and the number of optimizer steps that were taken before it."""

    file: Path
    step: int


def find_resume_checkpoints(folder: Path) -> list[ResumeCheckpoint]:
    """Returns the points of a folder of checkpoints, the newest last; by their steps, since clocks may be set back."""
    found = []
    for file in folder.glob(f"{PREFIX}*{SUFFIX}"):
        step = file.name.removeprefix(PREFIX).removesuffix(SUFFIX)
        if step.isdigit():
            found.append(ResumeCheckpoint(file, int(step)))
    return sorted(found, key=lambda point: point.step)


class ResumeCheckpoints(L.Callback):
    """Writes a point every so many steps and minutes, and before a run that is told to stop does so.

    The last two are kept. SIGINT (Ctrl-C) and SIGTERM stop the run before one of the next steps; SIGUSR1, under SLURM,
    also puts its job back into the queue.

    Args:
        dirpath: The folder of checkpoints.
        every_n_steps: Optimizer steps from one point to the next; null writes none by steps.
        every_n_minutes: Minutes from one point to the next; null writes none by time.
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
        self._written_step = 0
        self._written_at = time.monotonic()
        self._carried: list[Any] | None = None  # of each process, while a point is written
        self._loaded: dict[str, Any] | None = None  # what the first step takes up

    def newest_file(self) -> Path | None:
        """The newest point of the run; None where there is none yet."""
        checkpoints = find_resume_checkpoints(self.folder)
        return checkpoints[-1].file if checkpoints else None

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Begins to listen to signals, in place of Lightning, whose handlers do not wait for the end of a step.

        A run that goes on begins with the window that it was stopped at. Lightning would see to that only if nobody
        had asked for the number of steps of the run, as schedules do, before the point is loaded.
        """
        self.signals.listen()
        self._written_at = time.monotonic()
        if self._loaded is not None:
            loader_of(trainer).load_state_dict(self._loaded["windows"])

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Window, batch_idx: int
    ) -> None:
        """Takes up the point that the run goes on from, if this is its first step; writes one where it is due."""
        assert isinstance(pl_module, LanguageModelModule)
        if self._loaded is not None:
            self._take_up(self._loaded, trainer, pl_module)
            self._loaded = None
        if batch_idx % trainer.accumulate_grad_batches:
            return  # gradients of the windows before would be lost
        signal_number, is_time = self._agreed(trainer)
        if signal_number or is_time or self._is_step(trainer.global_step):
            self._write(trainer, pl_module)
        if signal_number:
            self._stop(trainer, signal_number)

    def _is_step(self, step: int) -> bool:
        return self.every_n_steps is not None and step % self.every_n_steps == 0 and step != self._written_step

    def _agreed(self, trainer: L.Trainer) -> tuple[int, bool]:
        """Returns which signal has reached any process, 0 for none, and whether it is time for a point."""
        minutes = (time.monotonic() - self._written_at) / 60
        is_time = self.every_n_minutes is not None and minutes >= self.every_n_minutes
        if trainer.world_size == 1:
            return self.signals.received or 0, is_time
        if trainer.global_step % AGREEING_STEPS:
            return 0, False
        mine = [self.signals.received or 0, int(is_time)]
        seen = torch.tensor(mine, device=trainer.strategy.root_device)
        dist.all_reduce(seen, op=dist.ReduceOp.MAX)
        signal_number, is_time_somewhere = seen.tolist()
        return signal_number, bool(is_time_somewhere)

    def _write(self, trainer: L.Trainer, pl_module: LanguageModelModule) -> None:
        step = trainer.global_step
        flush(trainer)
        carried = {"module": pl_module.carry_state(), "random": random_states(trainer.strategy.root_device)}
        self._carried = gather_from_ranks(carried, trainer.world_size)
        trainer.save_checkpoint(self.folder / f"{PREFIX}{step:08d}{SUFFIX}")
        self._carried = None
        if trainer.is_global_zero:
            for point in find_resume_checkpoints(self.folder)[:-KEPT]:
                point.file.unlink()
        self._written_step, self._written_at = step, time.monotonic()

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Adds what is carried to a point; other checkpoints are left alone."""
        if self._carried is not None:
            checkpoint["resume"] = {
                "format": RESUME_FORMAT,
                "text": corpus_fingerprint(trainer),
                "windows": loader_of(trainer).state_dict(),
                "batches_that_stepped": trainer.fit_loop.epoch_loop._batches_that_stepped,
                "processes": self._carried,
            }

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Keeps what is carried until the first step: what happens until then may draw from the sources of chance."""
        self._loaded = checkpoint["resume"]
        self._written_step = checkpoint["global_step"]
        follow(checkpoint, self.folder.resolve())

    def _take_up(self, loaded: dict[str, Any], trainer: L.Trainer, pl_module: LanguageModelModule) -> None:
        processes, size, rank = loaded["processes"], trainer.world_size, trainer.global_rank
        device = trainer.strategy.root_device
        pl_module.load_carry_state(redistribute_streams([each["module"] for each in processes], size=size, rank=rank))
        if len(processes) == size:
            set_random_states(processes[rank]["random"], device)
        else:
            rank_zero_only(log.warning)(
                "Continued with %d processes in place of %d: streams are shared out anew, dropout draws other masks",
                size,
                len(processes),
            )
        # Lightning counts one step too many in its logs where a checkpoint was not written at the end of a step, and
        # leaves out a plateau schedule's step at the end of an epoch that it believes to be still taking up.
        trainer.fit_loop.epoch_loop._batches_that_stepped = loaded["batches_that_stepped"]
        trainer.fit_loop.restarting = False

    def _stop(self, trainer: L.Trainer, signal_number: int) -> None:
        job = slurm_job()
        if signal_number == signal.SIGUSR1 and job is not None and trainer.is_global_zero:
            log.info("SLURM job %s %s", job, requeue(job))
        raise Stopped(signal_number, step=trainer.global_step)


def requeue(job: str) -> str:
    """Asks SLURM to put a job back into the queue, and returns what came of it."""
    try:
        done = subprocess.run(["scontrol", "requeue", job], capture_output=True, text=True, check=False)
    except OSError as error:
        return f"not put back into the queue: scontrol: {error.strerror}"
    return "put back into the queue" if done.returncode == 0 else f"not put back into the queue: {done.stderr.strip()}"


def flush(trainer: L.Trainer) -> None:
    """Writes out what loggers still hold: a point stands for all that was logged before it."""
    for logger in trainer.loggers:
        logger.save()
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.flush()


def corpus_fingerprint(trainer: L.Trainer) -> str:
    """Returns the fingerprint of the prepared text, which its settings are a part of."""
    data = getattr(trainer, "datamodule", None)
    assert isinstance(data, CorpusDataModule), "the windows of a run come from a prepared text"
    return data.corpus.folder.name


def loader_of(trainer: L.Trainer) -> StreamLoader:
    """Returns what gives the windows of the training text."""
    loader = trainer.train_dataloader
    assert isinstance(loader, StreamLoader), "the windows of a run come from streams"
    return loader


def follow(checkpoint: dict[str, Any], folder: Path) -> None:
    """Lets the bookkeeping of the best checkpoints go on in `folder`, where the run may have been moved to."""
    for state in checkpoint["callbacks"].values():
        if "best_model_path" not in state:
            continue
        state["dirpath"] = str(folder)
        for key in ("best_model_path", "last_model_path", "kth_best_model_path"):
            state[key] = state[key] and str(folder / Path(state[key]).name)
        state["best_k_models"] = {str(folder / Path(file).name): nll for file, nll in state["best_k_models"].items()}


def gather_from_ranks(mine: Any, world_size: int) -> list[Any]:
    """Returns what every process holds, in the order of their ranks."""
    if world_size == 1:
        return [mine]
    everyone: list[Any] = [None] * world_size
    dist.all_gather_object(everyone, mine)
    return everyone


def redistribute_streams(processes: list[dict[str, Any]], *, size: int, rank: int) -> dict[str, Any]:
    """Returns what process `rank` of `size` goes on with, when so many others carried `processes`.

    The streams of all processes, one after the other, are those of the run, whatever their number.
    """
    if len(processes) == size:
        return processes[rank]
    states = [each["state"] for each in processes]
    total = {name: sum(each[name] for each in processes) for name in ("total_nll", "num_tokens")}
    mine = total if rank == 0 else {name: type(value)(0) for name, value in total.items()}
    if states[0] is None:
        return {"state": None, **mine}

    def cut(parts: tuple[Tensor, ...]) -> Tensor:
        return torch.cat(parts).tensor_split(size)[rank]

    layers = zip(*states, strict=True)
    state: State = [tuple(cut(parts) for parts in zip(*layer, strict=True)) for layer in layers]
    return {"state": state, **mine}

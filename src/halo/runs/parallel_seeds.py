"""Trains several seeds side by side, each in a process with one thread.

The model is so small that two processes of one thread do far more than one process of two threads.
"""

import contextlib
import logging
import multiprocessing
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from halo.config import TrainConfig
from halo.runs.result import FitResult
from halo.runs.run_folder import run_folder
from halo.runs.seed_worker import STOP, Message, Outcome, StoppedAt, TrainerParts, train_seed
from halo.runtime.errors import InputError, Stopped, TrainingError
from halo.runtime.process_pool import deferred_interrupts
from halo.training.resume.stop_signals import StopSignals, requeue, slurm_job

POLL_SECONDS = 0.2  # until a signal is noticed
log = logging.getLogger(__name__)


@dataclass
class _Worker:
    """A process that trains a seed."""

    config: TrainConfig
    process: SpawnProcess
    connection: Connection
    outcome: Outcome | None = None
    asked_to_stop: bool = False


def fit_in_processes(
    configs: Sequence[TrainConfig],
    run_dir: Path,
    *,
    make_parts: Callable[[TrainConfig], TrainerParts],
    workers: int,
) -> dict[int, FitResult]:
    """Trains, measures and saves a model for each configuration, several at a time, and returns the results by seed.

    A signal to this process makes every run write a resume checkpoint and stop. If a run fails, the others go on.

    Args:
        configs: Configurations that differ in seed and run folder.
        run_dir: The folder for the log files, seed_SEED.log.
        make_parts: Creates new callbacks and loggers for a run; has to be picklable.
        workers: The number of processes at a time.

    Raises:
        InputError: A run was refused; the others have been stopped.
        TrainingError: Runs have failed, each with its line; the others are complete.
        Stopped: A signal stopped all of them.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    signals, all_workers = StopSignals(), list[_Worker]()
    waiting = list(configs)
    try:
        with signals.restored():
            signals.listen()
            while running := _start(waiting, all_workers, run_dir, make_parts, workers):
                for connection in wait([worker.connection for worker in running], timeout=POLL_SECONDS):
                    _receive(next(worker for worker in running if worker.connection is connection))
                is_refused = any(isinstance(worker.outcome, InputError) for worker in all_workers)
                if signals.received is not None or is_refused:
                    waiting.clear()
                    for worker in running:
                        _stop(worker)
    finally:
        for worker in all_workers:
            if worker.process.is_alive():
                worker.process.terminate()
            worker.process.join()
    return _results(all_workers, run_dir, signals.received)


def _start(
    waiting: list[TrainConfig],
    all_workers: list[_Worker],
    run_dir: Path,
    make_parts: Callable[[TrainConfig], TrainerParts],
    workers: int,
) -> list[_Worker]:
    """Starts as many waiting runs as there is room for, and returns the workers that run."""
    running = [worker for worker in all_workers if not worker.connection.closed]
    context = multiprocessing.get_context("spawn")
    while waiting and len(running) < workers:
        config = waiting.pop(0)
        connection, its_end = context.Pipe()
        log_file = run_dir / f"seed_{config.seed}.log"
        process = context.Process(target=train_seed, args=(its_end, config, make_parts, log_file))
        with deferred_interrupts():
            process.start()
        its_end.close()
        log.info("seed %d: started, in %s", config.seed, run_folder(config))
        worker = _Worker(config, process, connection)
        all_workers.append(worker)
        running.append(worker)
    return running


def _receive(worker: _Worker) -> None:
    """Shows a message of a worker, or keeps its outcome; closes the connection once the process has ended."""
    seed = worker.config.seed
    try:
        message = worker.connection.recv()
    except (EOFError, OSError):
        worker.process.join()
        worker.connection.close()
        if worker.outcome is None:
            worker.outcome = _killed(worker)
        if isinstance(worker.outcome, FitResult):
            log.info(
                "seed %d: finished, validation perplexity %.2f", seed, worker.outcome.scores["validation"].perplexity
            )
        elif isinstance(worker.outcome, TrainingError):
            log.warning("seed %d: %s (the others go on)", seed, worker.outcome)
        return
    if isinstance(message, Message):
        log.log(message.level, "seed %d: %s", seed, message.text)
    else:
        worker.outcome = message


def _stop(worker: _Worker) -> None:
    if not worker.connection.closed and not worker.asked_to_stop:
        worker.asked_to_stop = True
        with contextlib.suppress(OSError):  # it is ending
            worker.connection.send(STOP)


def _killed(worker: _Worker) -> Outcome:
    code = worker.process.exitcode or 0
    if code == 128 + signal.SIGTERM:  # asked to stop while it was not training
        return StoppedAt(None)
    how = f"by {signal.Signals(-code).name}, perhaps for lack of memory" if code < 0 else f"with status {code}"
    return TrainingError(f"its process was ended {how}; repeat the command with resume={run_folder(worker.config)}")


def _results(all_workers: Sequence[_Worker], run_dir: Path, signal_number: int | None) -> dict[int, FitResult]:
    """Returns the results by seed, or raises what ended the runs early."""
    outcomes = {worker.config.seed: worker.outcome for worker in all_workers}
    for outcome in outcomes.values():
        if isinstance(outcome, InputError):
            raise outcome
    if signal_number is not None:
        steps = {seed: each.step for seed, each in outcomes.items() if isinstance(each, StoppedAt) and each.step}
        job = slurm_job()
        if signal_number == getattr(signal, "SIGUSR1", None) and job is not None:
            log.info("SLURM job %s %s", job, requeue(job))
        raise Stopped(signal_number, step=max(steps.values(), default=0), steps_of_seeds=steps)
    if failed := [worker for worker in all_workers if not isinstance(worker.outcome, FitResult)]:
        raise TrainingError("\n".join(_failure(worker, run_dir) for worker in failed))
    return {seed: each for seed, each in outcomes.items() if isinstance(each, FitResult)}


def _failure(worker: _Worker, run_dir: Path) -> str:
    """Returns why a run failed, in one line; a run is resumed with those of the other seeds, in the folder of all."""
    if isinstance(worker.outcome, TrainingError):
        problem = str(worker.outcome)
    else:
        problem = f"it was stopped; repeat the command with resume={run_dir}"
    return f"seed {worker.config.seed}: {problem}".replace(f"resume={run_folder(worker.config)}", f"resume={run_dir}")

"""The process that trains one of several seeds beside others, and what it tells the process that started it.

It writes its log messages to a file, and everything that libraries print. Its parent gets the messages of one line,
such as those of each epoch, and the outcome. The parent asks it to stop by sending `STOP`, or by ending.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import Logger

from halo.config import TrainConfig
from halo.runs.fit import fit
from halo.runs.result import FitResult
from halo.runtime.errors import InputError, Stopped, TrainingError, reason
from halo.runtime.threads import users_variable
from halo.training.resume.resume_checkpoints import ResumeCheckpoints

STOP = "stop"
SAME_FOR_ALL = ("halo.runs.build", "halo.corpus")
"""Loggers whose messages are the same for every seed; the parent has shown them once."""

log = logging.getLogger(__name__)


class TrainerParts(NamedTuple):
    """Holds the callbacks and loggers of one run.

    Attributes:
        callbacks: Lightning callbacks, as for `fit`.
        loggers: Lightning loggers, as for `fit`.
    """

    callbacks: Sequence[Callback]
    loggers: Sequence[Logger]


class Message(NamedTuple):
    """Holds a log message of a run.

    Attributes:
        level: The level of `logging`.
        text: One line.
    """

    level: int
    text: str


class StoppedAt(NamedTuple):
    """Describes a run that was asked to stop.

    Attributes:
        step: The last completed optimizer step; None if training had not begun.
    """

    step: int | None


Outcome = FitResult | InputError | TrainingError | StoppedAt
"""How a run ended."""


def train_seed(
    connection: Connection, config: TrainConfig, make_parts: Callable[[TrainConfig], TrainerParts], log_file: Path
) -> None:
    """Trains, measures and saves the model of one seed, and sends the outcome; the main function of the process.

    Args:
        connection: To the parent.
        config: The configuration of the run.
        make_parts: Creates its callbacks and loggers.
        log_file: The file for its messages.
    """
    channel = _Channel(connection)
    try:
        if hasattr(signal, "pthread_sigmask"):  # blocked by the parent while this process was starting
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        if hasattr(signal, "SIGUSR1"):
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # the parent requeues its job under SLURM
        _redirect_output(log_file, channel)
        channel.send(_outcome(config, make_parts, channel, log_file))
    except KeyboardInterrupt:
        channel.send(StoppedAt(None))


def _outcome(
    config: TrainConfig, make_parts: Callable[[TrainConfig], TrainerParts], channel: "_Channel", log_file: Path
) -> Outcome:
    if users_variable() is None:
        torch.set_num_threads(1)
    try:
        callbacks, loggers = make_parts(config)
        threading.Thread(target=channel.stop_when_asked, args=(callbacks,), daemon=True).start()
        result = fit(config, callbacks=callbacks, loggers=loggers)
        assert result is not None, "one process trains each seed"
        return result
    except (InputError, TrainingError) as error:
        traceback.print_exc()  # into the log file
        return error
    except Stopped as stopped:
        return StoppedAt(stopped.step)
    except Exception as error:  # the parent has no other way to learn of it
        traceback.print_exc()
        return TrainingError(f"{type(error).__name__}: {reason(error)}; {log_file} has the traceback")


class _Channel:
    """The connection to the parent, used by several threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Message | Outcome) -> None:
        """Sends a message; does nothing once the parent is gone."""
        with self._lock, contextlib.suppress(OSError):
            self._connection.send(message)

    def stop_when_asked(self, callbacks: Sequence[Callback]) -> None:
        """Waits until the parent asks for it or is gone, and stops the run then, after a resume checkpoint if it can.

        Before and after training there is nothing to save, and the process ends at once.
        """
        with contextlib.suppress(EOFError, OSError):
            self._connection.recv()
        signals = [each.signals for each in callbacks if isinstance(each, ResumeCheckpoints)]
        if not any(each.request(signal.SIGTERM) for each in signals):
            os._exit(128 + signal.SIGTERM)


class _ToParent(logging.Handler):
    """Sends the messages of one line."""

    def __init__(self, channel: _Channel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Sends a message unless it has several lines, or is the same for every seed."""
        text = record.getMessage()
        if "\n" not in text and not record.name.startswith(SAME_FOR_ALL):
            self._channel.send(Message(record.levelno, text))


def _redirect_output(log_file: Path, channel: _Channel) -> None:
    """Makes this process write into a file instead of on the terminal, which all runs share."""
    with log_file.open("ab") as file:
        for standard in (1, 2):
            os.dup2(file.fileno(), standard)
    to_file = logging.StreamHandler(sys.stderr)
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[to_file, _ToParent(channel)])
    logging.captureWarnings(capture=True)

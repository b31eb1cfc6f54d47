"""Turns whatever ends a run early into a one-line error that names the latest checkpoint."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException

from halo.config import ClassifyConfig, RunConfig
from halo.runtime.errors import DISK_FULL, InputError, Stopped, TrainingError, reason
from halo.runtime.hydra_quoting import argument
from halo.runtime.process_ranks import process_group

OUT_OF_MEMORY = ("can't allocate memory", "out of memory", "not enough memory")
"""Messages of CPU and GPU allocators that do not raise a dedicated exception."""

LOST_CONNECTION = (
    *("Connection closed by peer", "Connection reset by peer", "Broken pipe", "Timed out waiting", "Socket Timeout"),
    *("pair closure", "remote process", "NCCL communicator was aborted", "Connection timed out", "No route to host"),
)
"""Messages of gloo and NCCL when another process of the run has ended, or its machine cannot be reached."""

TRACEBACK_HINT = "HALO_TRACEBACK=1 shows where"


@contextlib.contextmanager
def as_training_error(
    config: RunConfig, newest_checkpoint: Callable[[], Path | None], *, has_trained: Callable[[], bool]
) -> Iterator[None]:
    """Re-raises the errors of a run as one line with the next step for the user.

    Before the first optimizer step, what libraries raise is about a setting: Lightning checks many of them only when
    training starts. The original exception is the cause of the new one.

    Args:
        config: The configuration of the run.
        newest_checkpoint: Returns the latest resume checkpoint; None if there is none.
        has_trained: Returns whether the run has completed an optimizer step since it started or resumed.

    Raises:
        InputError: A setting was rejected before the first step.
        TrainingError: The disk is full, memory ran out, or a library or a class of the user's own failed.
    """
    before, threading.excepthook = threading.excepthook, _ignore_write_errors
    try:
        yield
    except (InputError, TrainingError, Stopped):
        raise
    except OSError as error:
        place = error.filename or config.run_dir
        raise TrainingError(
            f"{place}: cannot be written ({error.strerror or error}); "
            f"free some space, then {_hint(newest_checkpoint())}"
        ) from error
    except Exception as error:  # libraries and the user's own classes raise any type
        raise _explained(error, config, newest_checkpoint(), has_trained=has_trained()) from error
    finally:
        threading.excepthook = before


def _explained(
    error: Exception, config: RunConfig, checkpoint: Path | None, *, has_trained: bool
) -> InputError | TrainingError:
    """Returns the one-line error for an exception of any type."""
    message = str(error)
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(words in message for words in OUT_OF_MEMORY):
        return TrainingError(f"out of memory; reduce {_sizes(config)} in a new run ({_progress_kept(checkpoint)})")
    if DISK_FULL in message:
        return TrainingError(
            f"{config.run_dir}: cannot be written ({DISK_FULL}); free some space, then {_hint(checkpoint)}"
        )
    if process_group() is not None and any(words in message for words in LOST_CONNECTION):
        return TrainingError(
            "the connection to another process of the run is lost: it has ended, or its machine cannot be reached; "
            f"{_hint(checkpoint)}"
        )
    problem = reason(error).replace("`", "").rstrip(".")
    if not isinstance(error, MisconfigurationException):
        problem = f"{type(error).__name__}: {problem}; {TRACEBACK_HINT}"
    if not has_trained:
        return InputError(f"training cannot start: {problem}")
    return TrainingError(f"training failed: {problem} ({_progress_kept(checkpoint)})")


def _sizes(config: RunConfig) -> str:
    """Returns the settings on which the memory of a run depends."""
    if isinstance(config, ClassifyConfig):
        own = config.classifier
        batch = f"classifier.batch_size ({own.batch_size})"
        return f"{batch}, classifier.max_gradient_tokens ({own.max_gradient_tokens}) or the model"
    data = config.data
    return f"data.batch_size ({data.batch_size}), data.sequence_length ({data.sequence_length}) or the model"


def _ignore_write_errors(error: threading.ExceptHookArgs) -> None:
    """Ignores write errors of TensorBoard's thread: the main thread raises them at its next write."""
    if not issubclass(error.exc_type, OSError):
        threading.__excepthook__(error)


def _hint(checkpoint: Path | None) -> str:
    if checkpoint is None:
        return "start a new run: no resume checkpoint was written yet"
    resume = argument("resume", str(checkpoint.parent.parent))
    return f"repeat the command with {resume} (latest checkpoint: {checkpoint.name})"


def _progress_kept(checkpoint: Path | None) -> str:
    return "no checkpoint of this run was written yet" if checkpoint is None else f"this run is saved in {checkpoint}"

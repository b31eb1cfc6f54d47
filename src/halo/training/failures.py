"""Turns a full disk or exhausted memory during a run into a one-line error that names the latest checkpoint."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from halo.config import TrainConfig
from halo.runtime.errors import InputError, TrainingError

OUT_OF_MEMORY = ("can't allocate memory", "out of memory", "not enough memory")
"""Messages of CPU and GPU allocators that do not raise a dedicated exception."""

DISK_FULL = "No space left on device"
"""Message of safetensors, which does not raise `OSError`."""


@contextlib.contextmanager
def as_training_error(config: TrainConfig, newest_checkpoint: Callable[[], Path | None]) -> Iterator[None]:
    """Re-raises disk and memory errors of a run as `TrainingError` with the next step for the user.

    Args:
        config: The configuration of the run.
        newest_checkpoint: Returns the latest resume checkpoint; None if there is none.
    """
    before, threading.excepthook = threading.excepthook, _ignore_write_errors
    try:
        yield
    except (InputError, TrainingError):
        raise
    except OSError as error:
        place = error.filename or config.run_dir
        raise TrainingError(
            f"{place}: cannot be written ({error.strerror or error}); "
            f"free some space, then {_hint(newest_checkpoint())}"
        ) from error
    except Exception as error:  # libraries raise their own types
        message = str(error)
        if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(words in message for words in OUT_OF_MEMORY):
            data = config.data
            sizes = f"data.batch_size ({data.batch_size}), data.sequence_length ({data.sequence_length}) or the model"
            raise TrainingError(
                f"out of memory; reduce {sizes} in a new run ({_progress_kept(newest_checkpoint())})"
            ) from error
        if DISK_FULL in message:
            raise TrainingError(
                f"{config.run_dir}: cannot be written ({DISK_FULL}); free some space, then {_hint(newest_checkpoint())}"
            ) from error
        raise
    finally:
        threading.excepthook = before


def _ignore_write_errors(error: threading.ExceptHookArgs) -> None:
    """Ignores write errors of TensorBoard's thread: the main thread raises them at its next write."""
    if not issubclass(error.exc_type, OSError):
        threading.__excepthook__(error)


def _hint(checkpoint: Path | None) -> str:
    if checkpoint is None:
        return "start a new run: no resume checkpoint was written yet"
    return f"repeat the command with resume={checkpoint.parent.parent} (latest checkpoint: {checkpoint.name})"


def _progress_kept(checkpoint: Path | None) -> str:
    return "no checkpoint of this run was written yet" if checkpoint is None else f"this run is saved in {checkpoint}"

"""What stops a run that was going well: a full disk, too little memory. Told in one line, with what is safe."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from halo.config import TrainConfig
from halo.runtime.errors import InputError, TrainingError

OUT_OF_MEMORY = ("can't allocate memory", "out of memory", "not enough memory")
"""How the allocators of CPU and GPU say it, where it is no error of its own."""
DISK_FULL = "No space left on device"
"""How safetensors says it, whose errors are no `OSError`."""


@contextlib.contextmanager
def as_training_error(config: TrainConfig, newest_checkpoint: Callable[[], Path | None]) -> Iterator[None]:
    """Raises what the machine refuses during a run as `TrainingError` that says what to do.

    Args:
        config: The run.
        newest_checkpoint: Returns the point from which the run can go on; None where there is none.
    """
    before, threading.excepthook = threading.excepthook, _told_elsewhere
    try:
        yield
    except (InputError, TrainingError):
        raise
    except OSError as error:
        place = error.filename or config.run_dir
        raise TrainingError(
            f"{place}: cannot be written ({error.strerror or error}); "
            f"make room there, then {_remedy(newest_checkpoint())}"
        ) from error
    except Exception as error:  # libraries have their own kinds
        said = str(error)
        if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(words in said for words in OUT_OF_MEMORY):
            data = config.data
            sizes = f"data.batch_size ({data.batch_size}), data.sequence_length ({data.sequence_length}) or the model"
            raise TrainingError(
                f"out of memory; make {sizes} smaller in a new run ({_kept(newest_checkpoint())})"
            ) from error
        if DISK_FULL in said:
            raise TrainingError(
                f"{config.run_dir}: cannot be written ({DISK_FULL}); "
                f"make room there, then {_remedy(newest_checkpoint())}"
            ) from error
        raise
    finally:
        threading.excepthook = before


def _told_elsewhere(error: threading.ExceptHookArgs) -> None:
    """Keeps quiet of what TensorBoard's thread could not write: the main thread meets it with the next figures."""
    if not issubclass(error.exc_type, OSError):
        threading.__excepthook__(error)


def _remedy(point: Path | None) -> str:
    if point is None:
        return "start anew: no point to go on from was written yet"
    return f"repeat the command with resume={point.parent.parent} (safe: {point.name})"


def _kept(point: Path | None) -> str:
    return "nothing of this one was kept yet" if point is None else f"what this one learnt is safe in {point}"

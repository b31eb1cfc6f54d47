"""Checks the user's callbacks and loggers before a run writes anything."""

from collections.abc import Sequence

from lightning.pytorch import callbacks as library
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import Logger

from halo.runtime.errors import InputError, reason, require
from halo.training.module import LOGGED

REPLACED: dict[type[Callback], str] = {
    library.BatchSizeFinder: "set data.batch_size",
    library.LearningRateFinder: "use find_lr=true",
    library.WeightAveraging: "use averaging=ema",
    library.StochasticWeightAveraging: "use averaging=nt_asgd",
    library.OnExceptionCheckpoint: "callbacks.resume saves what a run needs to resume",
    library.GradientAccumulationScheduler: "use trainer.accumulate_grad_batches",
    library.ModelPruning: "recurrent layers cannot be pruned",
}
"""Callbacks of Lightning that do not work with carried states and exact resume, and what to use instead."""

OWN_PACKAGES = ("lightning", "halo")
"""Callbacks of these packages log nothing that `LOGGED` lacks; those of the user may log more."""


def require_supported(callbacks: Sequence[Callback], loggers: Sequence[Logger]) -> None:
    """Checks the callbacks and loggers of a run.

    Raises:
        InputError: One of them is no callback or logger, cannot be used with halo, monitors a figure that is never
            logged, or writes the same files as another one.
    """
    for callback in callbacks:
        require(isinstance(callback, Callback), "callbacks", type(callback).__name__, "not a Lightning callback")
        for kind, hint in REPLACED.items():
            require(not isinstance(callback, kind), "callbacks", type(callback).__name__, f"cannot be used; {hint}")
    for logger in loggers:
        require(isinstance(logger, Logger), "logger", type(logger).__name__, "not a Lightning logger")
    _require_monitors(callbacks)
    checkpoints = [each for each in callbacks if isinstance(each, ModelCheckpoint)]
    for checkpoint in checkpoints:
        try:
            checkpoint.format_checkpoint_name({})
        except Exception as error:  # of Python's formatting
            problem = f"not a name with {{figures}} ({reason(error)}), as in best-{{step}}"
            raise InputError(f"callbacks: filename={checkpoint.filename}: {problem}") from error
    _require_separate_files(checkpoints)


def _require_monitors(callbacks: Sequence[Callback]) -> None:
    """Raises `InputError` if a callback monitors a figure that nothing logs."""
    if any(type(each).__module__.partition(".")[0] not in OWN_PACKAGES for each in callbacks):
        return
    logs_rates = any(isinstance(each, LearningRateMonitor) for each in callbacks)
    for callback in callbacks:
        monitor = getattr(callback, "monitor", None)
        if isinstance(monitor, str) and monitor not in LOGGED and not (logs_rates and monitor.startswith("lr-")):
            names = ", ".join(LOGGED)
            raise InputError(
                f"callbacks: {type(callback).__name__} has monitor={monitor}, not logged; use one of {names}"
            )


def _require_separate_files(checkpoints: Sequence[ModelCheckpoint]) -> None:
    """Raises `InputError` if two callbacks would overwrite or delete each other's checkpoints."""
    places = [(each.dirpath, each.filename) for each in checkpoints if each.save_top_k]
    for place in places:
        problem = "two ModelCheckpoints write the same files; give one of them another filename or dirpath"
        require(places.count(place) == 1, "callbacks", place[1], problem)

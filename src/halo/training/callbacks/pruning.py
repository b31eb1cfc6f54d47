"""Reports the validations of a trial to its sweep, and stops the trial when the sweep says so."""

from collections.abc import Callable

import lightning as L

from halo.data.streams import Window
from halo.runtime.errors import Pruned
from halo.training.callbacks.learning_curve import LearningCurve
from halo.training.module import LanguageModelModule
from halo.training.resume.resume_checkpoints import find_resume_callback


class Pruning(L.Callback):
    """Reports each validation, and stops the run before the next step if other trials are better.

    The run leaves a resume checkpoint and is not measured. The first process reports and all of them stop. After the
    last validation there is nothing to stop: the run is measured as any other.

    Args:
        report: Called with the number of validations so far, from 1, and the perplexity of the last; returns whether
            the run is to be stopped.
    """

    def __init__(self, report: Callable[[int, float], bool]) -> None:
        self._report = report
        self._num_reported = 0
        self._is_pruned = False

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Notes how many validations were reported before the run was resumed."""
        self._num_reported = len(_learning_curve(trainer).history)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Reports the validation."""
        is_pruned, history = False, _learning_curve(trainer).history
        if len(history) > self._num_reported:  # the first process only
            self._num_reported = len(history)
            is_pruned = self._report(len(history), history[-1].validation)
        self._is_pruned = trainer.strategy.broadcast(is_pruned)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Window, batch_idx: int
    ) -> None:
        """Writes a resume checkpoint and stops the run if it is pruned.

        Raises:
            Pruned: Other trials are better.
        """
        if not self._is_pruned or batch_idx % trainer.accumulate_grad_batches:
            return
        resume_callback = find_resume_callback(trainer)
        if resume_callback is not None:
            assert isinstance(pl_module, LanguageModelModule)
            resume_callback.write(trainer, pl_module)
        raise Pruned(step=trainer.global_step)


def _learning_curve(trainer: L.Trainer) -> LearningCurve:
    callbacks: list[L.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    return next(each for each in callbacks if isinstance(each, LearningCurve))

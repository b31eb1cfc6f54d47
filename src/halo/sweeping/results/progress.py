"""One line for each trial that ends: its settings, its figure, the best so far, the time left."""

import logging
import statistics
import time
from collections.abc import Sequence

from halo.config.messages import shown
from halo.reports.console import number, wrapped
from halo.runtime.errors import counted
from halo.sweeping.trials import Claim, Trials
from halo.sweeping.workers.trial_process import Ending

log = logging.getLogger(__name__)
LABELS = {"validation_perplexity": "validation", "num_parameters": "parameters"}


def short_settings(values: dict[str, object]) -> str:
    """Returns the settings of a trial with the last part of each name.

    >>> short_settings({"optim.lr": 0.0040123456, "model.hidden": 128})
    'lr=0.004012 hidden=128'
    """
    return " ".join(f"{key.rpartition('.')[2]}={short_value(value)}" for key, value in values.items())


def short_value(value: object) -> str:
    """Returns a value with four digits at most."""
    return f"{value:.4g}" if isinstance(value, float) else shown(value)


class TrialLog:
    """Logs the trials of this process as they end.

    Args:
        trials: The trials of the study.
        objectives: What the sweep minimises.
    """

    def __init__(self, trials: Trials, objectives: Sequence[str]) -> None:
        self._trials = trials
        self._objectives = objectives
        self._workers = 1

    def begin(self, *, workers: int) -> None:
        """Logs how many trials there are to do."""
        from halo.reports.console import relative_to_cwd

        self._workers = workers
        done = sum(each.state.is_finished() for each in self._trials.all())
        left = max(0, self._trials.num_trials - done)
        folder = relative_to_cwd(self._trials.folder.path)
        already = f", {done} of them finished already" if done else ""
        log.info(
            wrapped(f"Study {self._trials.study.study_name} in {folder}: {counted(done + left, 'trial')}{already}")
        )

    def add(self, claim: Claim, ending: Ending) -> None:
        """Logs a trial that has ended."""
        parts = [f"Trial {claim.number}: {short_settings(claim.values)}", self._outcome(claim, ending)]
        if len(self._objectives) == 1 and (best := self._best()) is not None:
            parts.append(f"best {number(best[1])} (trial {best[0]})")
        parts.append(self._left())
        log.info(wrapped("; ".join(filter(None, parts))))

    def _outcome(self, claim: Claim, ending: Ending) -> str:
        if ending.kind == "complete":
            named = zip(self._objectives, ending.values, strict=True)
            return ", ".join(f"{LABELS.get(name, name)} {number(value)}" for name, value in named)
        if ending.kind == "pruned":
            last = next((each for each in self._trials.all() if each.number == claim.number), None)
            value = None if last is None else last.intermediate_values.get(last.last_step or 0)
            return "pruned" if value is None else f"pruned at {number(value)}"
        return f"failed: {ending.reason}"

    def _best(self) -> tuple[int, float] | None:
        complete = [(each.number, each.values[0]) for each in self._trials.all() if each.state.name == "COMPLETE"]
        return min(complete, key=lambda each: each[1], default=None)

    def _left(self) -> str:
        """Returns how long the other trials may take, from the mean duration of those that are finished."""
        trials = self._trials.all()
        finished = [each for each in trials if each.state.is_finished() and each.duration is not None]
        left = self._trials.num_trials - len(finished)
        if left <= 0 or not finished:
            return ""
        running = [
            time.time() - each.datetime_start.timestamp()
            for each in trials
            if not each.state.is_finished() and each.datetime_start
        ]
        mean = statistics.fmean(each.duration.total_seconds() for each in finished if each.duration)
        seconds = max(0.0, left * mean - sum(running)) / max(1, len(running), self._workers)
        return f"{left} left, about {seconds / 60:.0f} min" if seconds >= 60 else f"{left} left, about {seconds:.0f} s"

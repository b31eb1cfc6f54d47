"""What a run of halo.train does as a trial: it reports to its sweep, and stops when the sweep is gone."""

import json
import logging
import os
import signal
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from halo.config.commands.sweep import PrunerConfig, PrunerVariant
from halo.runtime.errors import reason
from halo.sweeping.algorithms import make_pruner
from halo.sweeping.storage import open_storage

TRIAL = "HALO_TRIAL"
"""The environment variable that tells a run of halo.train which trial it is."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrialOfSweep:
    """Identifies a trial for the process that trains it.

    Attributes:
        folder: The sweep's folder.
        storage: The URL of the storage; None for the journal in the folder.
        study: The name of the study.
        number: The number of the trial.
        pruner: The settings of the pruner; None where validations are not reported.
    """

    folder: str
    storage: str | None
    study: str
    number: int
    pruner: PrunerConfig | None

    def as_variable(self) -> str:
        """Returns the value of the environment variable."""
        return json.dumps(asdict(self))

    @classmethod
    def of_environment(cls) -> "TrialOfSweep | None":
        """Returns the trial that this process trains; None for a run of its own."""
        value = os.environ.get(TRIAL)
        if not value:
            return None
        fields = json.loads(value)
        pruner = fields.pop("pruner")
        variant: TypeAdapter[Any] = TypeAdapter(PrunerVariant)
        return cls(**fields, pruner=None if pruner is None else variant.validate_python(pruner))


class ValidationReporter:
    """Records validations in the study, and asks the pruner whether to go on.

    A storage that cannot be reached does not end a training: the validation is not recorded, and a warning says so.

    Args:
        trial: The trial.
    """

    def __init__(self, trial: TrialOfSweep) -> None:
        self._trial = trial
        self._study: Any = None
        self._storage: Any = None
        self._trial_id = -1

    def __call__(self, number: int, perplexity: float) -> bool:
        """Reports a validation and returns whether the run is to be stopped.

        Args:
            number: How many validations there were, this one included.
            perplexity: The validation perplexity.
        """
        try:
            if self._study is None:
                self._open()
            self._storage.set_trial_intermediate_value(self._trial_id, number, perplexity)
            return bool(self._study.pruner.prune(self._study, self._storage.get_trial(self._trial_id)))
        except Exception as error:  # of Optuna, SQLAlchemy or a driver
            log.warning("The sweep does not learn of this validation: %s", reason(error))
            return False

    def _open(self) -> None:
        trial = self._trial
        assert trial.pruner is not None
        storage = open_storage(trial.storage, Path(trial.folder))
        import optuna

        self._study = optuna.load_study(study_name=trial.study, storage=storage, pruner=make_pruner(trial.pruner))
        self._storage = storage
        study_id = storage.get_study_id_from_name(trial.study)
        self._trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, trial.number)


def stop_with_worker() -> None:
    """Makes this process stop, after a resume checkpoint if it trains, within a second after its sweep was killed."""
    threading.Thread(target=_stop_when_orphaned, args=(os.getppid(),), daemon=True).start()


def _stop_when_orphaned(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)

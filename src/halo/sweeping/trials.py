"""The trials of a study: the next one to work on, and what became of each; exact with any number of workers."""

import contextlib
import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halo.config.commands.sweep import SamplerConfig
from halo.runtime.atomic_files import atomic_write, json_text
from halo.runtime.errors import InputError
from halo.sweeping.algorithms import make_sampler
from halo.sweeping.search_space import Parameter
from halo.sweeping.storage import JOURNAL
from halo.sweeping.sweep_folder import FOLDER_ID, FileLock, SweepFolder, require_same, trial_name

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

MAX_RESTARTS = 3
"""How often a trial whose process was killed is taken up again."""

SWEEP, FOLDER = "sweep", "folder"
"""The user attribute of a study with its settings, and its entry with the folder of the trials."""

ATTEMPTS, REASON, RUN_DIR, WORKER = "attempts", "reason", "run_dir", "worker"
"""User attributes of a trial in Optuna's record."""

RECORD = "trial.json"


@dataclass
class Claim:
    """A trial that this worker has, and no other.

    Attributes:
        number: Its number in the study.
        trial_id: Its number in the storage.
        values: Its values of the search space, by key.
        run_dir: Its run folder.
        lock: Its lock.
        attempts: What has started it so far: `worker`, `started` and `ended` in seconds since 1970, `ending`.
    """

    number: int
    trial_id: int
    values: dict[str, Any]
    run_dir: Path
    lock: FileLock
    attempts: list[dict[str, Any]]

    @property
    def restarts(self) -> int:
        """How often it was taken up after its process was killed, by whatever."""
        return sum(each["ending"] in ("killed", None) for each in self.attempts)


class Trials:
    """The trials of a study.

    Args:
        study: Optuna's study.
        storage: Its storage.
        folder: The sweep's folder.
        parameters: The search space.
        sampler: The settings of the sampler.
        num_trials: How many trials the study is to have.
    """

    def __init__(
        self,
        study: "Study",
        storage: "BaseStorage",
        folder: SweepFolder,
        *,
        parameters: Sequence[Parameter],
        sampler: SamplerConfig,
        num_trials: int,
    ) -> None:
        self.study = study
        self.folder = folder
        self.parameters = parameters
        self.num_trials = num_trials
        self._storage = storage
        self._sampler = sampler
        self._own: set[int] = set()

    def all(self) -> list["FrozenTrial"]:
        """Returns the trials so far, by number."""
        return self.study.get_trials(deepcopy=False)

    def next(self) -> Claim | None:
        """Returns a trial to work on: one that was killed or stopped, else a new one; None if there is none.

        A trial is unfinished if it is running by the record. Whether anybody works on it says its lock.
        """
        from optuna.trial import TrialState

        with self.folder.lock():
            trials = self.all()
            for trial in trials:
                if trial.state == TrialState.RUNNING and trial.number not in self._own:
                    lock = self.folder.claim(trial.number)
                    if lock is not None:
                        return self._claim(trial, lock)
            if len(trials) >= self.num_trials:
                return None
            lock = self.folder.claim(len(trials))  # nobody else can have it: the folder is locked
            if lock is None:
                return None  # a process of an earlier study of this folder
            try:
                return self._claim(self._ask(len(trials)), lock)
            except BaseException:
                lock.release()
                raise

    def others_run(self) -> bool:
        """Returns whether other workers have trials that are not finished."""
        from optuna.trial import TrialState

        return any(each.state == TrialState.RUNNING and each.number not in self._own for each in self.all())

    def begin(self, claim: Claim, *, worker: str, now: float) -> None:
        """Records that a process starts to work on a trial."""
        claim.attempts.append({"worker": worker, "started": now, "ended": None, "ending": None})
        self._set(claim, **{RUN_DIR: trial_name(claim.number), WORKER: worker, ATTEMPTS: claim.attempts})

    def end_attempt(self, claim: Claim, ending: str, *, now: float) -> None:
        """Records that the process of a trial has ended, while the trial goes on.

        Args:
            claim: The trial.
            ending: How, in one word.
            now: The time, in seconds since 1970.
        """
        claim.attempts[-1] |= {"ended": now, "ending": ending}
        self._set(claim, **{ATTEMPTS: claim.attempts})

    def finish(self, claim: Claim, state: str, *, values: Sequence[float] | None = None, reason: str = "") -> None:
        """Records what became of a trial, and gives it up.

        Args:
            claim: The trial.
            state: `complete`, `pruned` or `fail`.
            values: The objectives of a complete trial.
            reason: Why a trial failed.
        """
        from optuna.trial import TrialState

        if reason:
            self._set(claim, **{REASON: reason})
        self.study.tell(claim.number, values=values, state=TrialState[state.upper()], skip_if_finished=True)
        record = {"number": claim.number, "state": state, "settings": claim.values, "values": values, "reason": reason}
        record["ended"] = claim.attempts[-1]["ended"] if claim.attempts else None
        if claim.run_dir.is_dir():
            atomic_write(claim.run_dir / RECORD, json_text(record))
        self.release(claim)

    def release(self, claim: Claim) -> None:
        """Gives a trial up; unless it is finished, another worker can take it."""
        self._own.discard(claim.number)
        claim.lock.release()

    def _ask(self, number: int) -> "FrozenTrial":
        """Returns a new trial, with its values."""
        with self._sampling(number):
            trial = self.study.ask()
            for each in self.parameters:
                each.suggest(trial)
        return self._storage.get_trial(trial._trial_id)

    def _claim(self, trial: "FrozenTrial", lock: FileLock) -> Claim:
        from optuna.trial import Trial

        if len(trial.params) < len(self.parameters):  # its worker was killed while it was choosing the values
            with self._sampling(trial.number):
                begun = Trial(self.study, trial._trial_id)
                for each in self.parameters:
                    each.suggest(begun)
            trial = self._storage.get_trial(trial._trial_id)
        attempts = [dict(each) for each in trial.user_attrs.get(ATTEMPTS, [])]
        self._own.add(trial.number)
        run_dir = self.folder.trial_folder(trial.number)
        return Claim(trial.number, trial._trial_id, dict(trial.params), run_dir, lock, attempts)

    @contextlib.contextmanager
    def _sampling(self, number: int) -> Iterator[None]:
        """Gives the study the sampler of a trial for a moment; that of a grid cannot record how a trial ended."""
        before, self.study.sampler = self.study.sampler, make_sampler(self._sampler, self.parameters, number=number)
        try:
            yield
        finally:
            self.study.sampler = before

    def _set(self, claim: Claim, **attributes: Any) -> None:
        for name, value in attributes.items():
            self._storage.set_trial_user_attr(claim.trial_id, name, value)


def worker_name(slot: int, *, process: int) -> str:
    """Returns the name of a worker: that of its machine, the id of its process and its number there."""
    return f"{socket.gethostname()}/{process}/{slot}"


def open_study(storage: "BaseStorage", name: str, folder: SweepFolder, settings: Mapping[str, Any]) -> "Study":
    """Returns the study, which is created unless it exists with the same settings and in the same folder.

    Args:
        storage: Where it is recorded.
        name: Its name.
        folder: The sweep's folder.
        settings: What has to stay the same.

    Raises:
        InputError: It exists with other settings, or its trials are in another folder.
    """
    import optuna

    with folder.lock():
        record = folder.read_record()
        if record is not None:
            require_same(record, settings, study=name)
        found = next((each for each in storage.get_all_studies() if each.study_name == name), None)
        of_study = {} if found is None else dict(found.user_attrs.get(SWEEP, {}))
        is_elsewhere = found is not None and of_study.get(FOLDER_ID) != (record or {}).get(FOLDER_ID)
        if is_elsewhere and not (record is None and (folder.path / JOURNAL).exists()):
            place = of_study.get(FOLDER, "another folder")
            raise InputError(
                f"study={name}: this storage has it already, with its trials in {place}; give sweep_dir={place} to go "
                "on with it, or name another with study=NAME"
            )
        if record is None and found is not None:  # sweep.yaml was deleted
            require_same(of_study, settings, study=name)
        if record is None:
            record = folder.write_record(settings)
        elif found is None and (folder.path / trial_name(0)).exists():
            raise InputError(
                f"{folder.path}: the record of its trials is gone; restore it, or name another with study=NAME"
            )
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            directions=["minimize"] * len(settings["objectives"]),
            sampler=optuna.samplers.RandomSampler(),
            load_if_exists=True,
        )
        if found is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                study.set_metric_names(list(settings["objectives"]))  # for dashboards
        study.set_user_attr(SWEEP, {**record, FOLDER: str(folder.path.resolve())})
        return study

"""A whole sweep: its folder and study, its workers, and its results; without Hydra."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halo.config import SweepConfig, TrainConfig, plain
from halo.config.commands.sweep import GridConfig
from halo.config.launcher import LocalLauncherConfig, SlurmLauncherConfig
from halo.runtime.errors import InputError, counted, reason, require
from halo.sweeping.command.trial_settings import TrialSettings, check_trial_settings
from halo.sweeping.launchers.launch import launch_workers, require_launcher
from halo.sweeping.results.progress import TrialLog
from halo.sweeping.results.summary import summarise
from halo.sweeping.search_space import Parameter, combinations_of, parse_search_space
from halo.sweeping.storage import JOURNAL, has_password, open_storage, shown_storage
from halo.sweeping.sweep_folder import SweepFolder
from halo.sweeping.trial_report import TRIAL, TrialOfSweep
from halo.sweeping.trials import Claim, Trials, open_study, worker_name
from halo.sweeping.workers.coordinator import Coordinator, Slot
from halo.sweeping.workers.resources import environments, too_many_workers

log = logging.getLogger(__name__)


def run_sweep(config: SweepConfig, arguments: Sequence[str], *, study: str, config_dir: str | None) -> None:
    """Runs the trials of a study that are left, and prints and writes its results.

    Args:
        config: The settings.
        arguments: The command line of which they were made, for workers on other machines.
        study: The name of the study.
        config_dir: The folder with further files of settings for halo.train; None for none.

    Raises:
        InputError: A setting, the folder or the storage cannot be used; no trial has been started.
        SweepStopped: A signal has stopped the sweep, which goes on when it is started again.
    """
    parameters = parse_search_space(config.search_space.parameters)
    num_trials = _num_trials(config, parameters)
    settings = check_trial_settings(config.overrides, parameters, config_dir=config_dir)
    is_pruned = config.pruner.name != "none"
    require(settings.config.seeds == 1 or not is_pruned, "seeds", settings.config.seeds, "add pruner=none")
    is_local = isinstance(config.launcher, LocalLauncherConfig)
    slots = _slots(settings.config, config.workers) if is_local else []
    _require_launchable(config)
    _prepare_text(settings.config)
    key = "sweep_dir" if config.sweep_dir else "study"
    folder = SweepFolder(Path(config.sweep_dir or f"outputs/sweep/{study}"), key=key)
    with folder.lock():  # only one may create the tables of a database
        storage = open_storage(config.storage, folder.path)
    optuna_study = open_study(storage, study, folder, _lasting_settings(config, study, parameters, settings))
    trials = Trials(optuna_study, storage, folder, parameters=parameters, sampler=config.sampler, num_trials=num_trials)
    trial_log = TrialLog(trials, config.objectives)
    reported = config.pruner if len(config.objectives) == 1 and settings.config.seeds == 1 else None

    def variables(claim: Claim) -> dict[str, str]:
        place = str(folder.path.resolve())
        trial = TrialOfSweep(place, config.storage, study, claim.number, reported)
        return {TRIAL: trial.as_variable()}

    coordinator = Coordinator(
        trials,
        command=lambda claim: settings.command(_changes(claim, parameters), claim.run_dir),
        variables=variables,
        objectives=config.objectives,
        slots=slots,
        on_end=trial_log.add,
    )
    trial_log.begin(workers=config.workers)
    if isinstance(config.launcher, LocalLauncherConfig):
        try:
            coordinator.run()
        except json.JSONDecodeError as error:
            raise InputError(
                f"{folder.path / JOURNAL}: damaged meanwhile ({reason(error)}); restore it; the trials were stopped"
            ) from error
    elif not launch_workers(config.launcher, arguments, workers=config.workers, study=study, folder=folder.path):
        return
    by_key = {each.key: each for each in parameters}
    summarise(
        trials,
        config.objectives,
        lambda values: settings.shell_command([by_key[key].override(value) for key, value in values.items()]),
    )


def _require_launchable(config: SweepConfig) -> None:
    """Raises `InputError` if the workers cannot be started as the settings say, before anything is written."""
    if isinstance(config.launcher, SlurmLauncherConfig) and config.storage is not None:
        remedy = "launcher=slurm writes it to files; leave the password to ~/.pgpass or PGPASSWORD"
        require(not has_password(config.storage), "storage", shown_storage(config.storage), remedy)
    if not isinstance(config.launcher, LocalLauncherConfig):
        require_launcher(config.launcher)


def _changes(claim: Claim, parameters: Sequence[Parameter]) -> list[str]:
    return [each.override(claim.values[each.key]) for each in parameters]


def _num_trials(config: SweepConfig, parameters: Sequence[Parameter]) -> int:
    """Returns the number of trials, which a grid may limit, and says so."""
    if not isinstance(config.sampler, GridConfig):
        return config.num_trials
    size = combinations_of(parameters)
    if size < config.num_trials:
        log.info("The grid has %s: %s", counted(size, "combination"), counted(size, "trial"))
    elif size > config.num_trials:
        log.info("The grid has %s; num_trials=%d tries some of them", counted(size, "combination"), config.num_trials)
    return min(size, config.num_trials)


def _slots(train: TrainConfig, workers: int) -> list[Slot]:
    warning = too_many_workers(train, workers)
    if warning:
        log.warning("%s", warning)
    variables = environments(train, workers)
    return [Slot(worker_name(number, process=os.getpid()), each) for number, each in enumerate(variables)]


def _prepare_text(train: TrainConfig) -> None:
    """Prepares the text that the trials share, so that none of them has to wait for another that prepares it."""
    from halo.corpus.prepare import prepare

    prepare(train.data)


def _lasting_settings(
    config: SweepConfig, study: str, parameters: Sequence[Parameter], settings: TrialSettings
) -> dict[str, Any]:
    """Returns what must stay the same as long as a study goes on."""
    space = {each.key: _described(each) for each in parameters}
    return {
        "study": study,
        "storage": "journal" if config.storage is None else shown_storage(config.storage),
        "search_space": space,
        "overrides": list(settings.overrides),
        "sampler": plain(config.sampler),
        "pruner": plain(config.pruner),
        "objectives": list(config.objectives),
    }


def _described(parameter: Parameter) -> dict[str, Any]:
    if parameter.choices is not None:
        return {"choices": list(parameter.choices)}
    described = {"low": parameter.low, "high": parameter.high, "step": parameter.step, "log": parameter.log or None}
    return {name: value for name, value in described.items() if value is not None}

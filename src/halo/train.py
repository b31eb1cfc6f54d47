"""Train a language model, measure it on held-out text, and save it."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import in_sweep, repeat_command, run_folder
from halo.config import AUTO, TrainConfig, parse
from halo.runtime.errors import Stopped, require
from halo.runtime.hydra_quoting import argument, expand_home
from halo.runtime.process_ranks import is_launched_by_first_process
from halo.runtime.threads import Cores, limit_threads, measure_cores
from halo.sweeping.trial_report import TRIAL, TrialOfSweep, ValidationReporter, stop_with_worker
from halo.training.resume.checkpoint_files import has_resume_checkpoint, run_folder_of

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from halo.runs.seed_worker import TrainerParts

log = logging.getLogger(__name__)

HYDRA_FOLDERS = ("hydra.run.dir=", "hydra.sweep.dir=")


@command("train")
def main(composed: "DictConfig") -> float | None:
    """Runs the training and returns the validation perplexity, which a sweeper minimises; None without one."""
    if TRIAL in os.environ and not is_launched_by_first_process():
        stop_with_worker()
    composed.run_dir = _run_dir(composed)
    config = parse(composed, TrainConfig)
    seeds = [config] if config.seeds == 1 else _configs_of_seeds(composed, config)
    if in_sweep() and (perplexity := _perplexity_of_finished(config, seeds)) is not None:
        return perplexity
    cores = measure_cores()
    if config.seeds == 1:
        resumes = config.resume is not None and has_resume_checkpoint(Path(composed.run_dir))
        limit_threads(cores, processes=_processes(config), keeps_number=resumes)
    if config.find_lr:
        _find_learning_rate(config)
        return None
    try:
        return _run(config) if config.seeds == 1 else _run_seeds(config, seeds, cores)
    except Stopped as stopped:
        from halo.reports.console import relative_to_cwd

        if not in_sweep():  # whose table is followed by the command that goes on with all its jobs
            resume = argument("resume", str(relative_to_cwd(Path(composed.run_dir))))
            stopped.hint = f"resume with `{_repeat_command(resume, without=('resume', 'run_dir'))}`"
        raise


def _run_dir(composed: "DictConfig") -> str:
    """Returns the run's folder: the resumed run's, the one that `run_dir` names, or the one that Hydra created."""
    from hydra.core.hydra_config import HydraConfig

    resume, run_dir = (
        None if value is None else expand_home(str(value)) for value in (composed.resume, composed.run_dir)
    )
    if resume is None or resume == AUTO:
        is_named = run_dir is not None or any(
            each.startswith(HYDRA_FOLDERS) for each in HydraConfig.get().overrides.hydra
        )
        require(resume is None or is_named, "resume", resume, "name the run's folder with run_dir=FOLDER")
        return str(run_folder(run_dir))
    folder = run_folder_of(Path(resume))
    is_same = run_dir is None or Path(run_dir).resolve() == folder.resolve()
    require(is_same, "run_dir", run_dir, f"a run resumes in its own folder, {folder}; leave run_dir out")
    return str(folder)


def _processes(config: TrainConfig) -> int:
    """Returns the number of processes on this machine that share the cores."""
    devices = str(config.trainer.get("devices"))
    return max(1, int(devices)) if devices.isdigit() else 1


def _repeat_command(*settings: str, without: tuple[str, ...]) -> str:
    """Returns this command line with other settings, ready to paste into a shell."""
    from hydra.core.hydra_config import HydraConfig

    return repeat_command(HydraConfig.get(), *settings, without=without)


def _run(config: TrainConfig) -> float | None:
    from halo.runs.fit import fit

    callbacks, loggers = _parts(config)
    result = fit(config, callbacks=callbacks, loggers=loggers)
    return None if result is None else result.scores["validation"].perplexity


def _find_learning_rate(config: TrainConfig) -> None:
    from halo.reports.console import relative_to_cwd
    from halo.runs.learning_rate_finder import find_learning_rate

    result = find_learning_rate(config)
    if result is None:
        return
    picture = relative_to_cwd(Path(str(config.run_dir)) / "lr_finder.png")
    if result.suggestion is None:
        log.warning("No suggestion: the loss did not fall at any learning rate; see %s", picture)
        return
    suggested = f"optim.lr={result.suggestion:g}"
    train_with_it = _repeat_command(suggested, without=("find_lr", "optim.lr", "run_dir"))
    observed = (
        f"the loss fell fastest at {result.steepest:.2g}, and the test stopped at {result.learning_rates[-1]:.4g}"
    )
    log.info("Suggested: %s (%s; see %s)\n  %s", suggested, observed, picture, train_with_it)


def _perplexity_of_finished(config: TrainConfig, runs: Sequence[TrainConfig]) -> float | None:
    """Returns the validation perplexity of a job that an earlier start of its multirun has finished; else None.

    Args:
        config: The settings of the job.
        runs: Those of its run, or of the runs of its seeds.
    """
    from halo.reports.console import relative_to_cwd
    from halo.training.resume.restore import is_finished

    file = Path(str(config.run_dir)) / "metrics.json"
    if (
        config.resume != AUTO
        or not file.is_file()
        or not all(is_finished(each, Path(str(each.run_dir))) for each in runs)
    ):
        return None
    log.info("Finished before, and not repeated: %s", relative_to_cwd(file.parent))
    perplexity: float = json.loads(file.read_text(encoding="utf-8"))["validation_perplexity"]
    return perplexity


def _configs_of_seeds(composed: "DictConfig", config: TrainConfig) -> list[TrainConfig]:
    """Returns the settings of each seed's run, parsed anew: its callbacks and loggers write below its own folder."""
    run_dir, seeds = Path(str(config.run_dir)), range(config.seed, config.seed + config.seeds)
    return [parse(_settings_of_seed(composed, seed, run_dir / f"seed_{seed}"), TrainConfig) for seed in seeds]


def _run_seeds(config: TrainConfig, configs: Sequence[TrainConfig], cores: Cores | None) -> float | None:
    from halo.reports.console import relative_to_cwd, seeds_table
    from halo.runs.seeds import fit_seeds

    run_dir = Path(str(config.run_dir))
    result = fit_seeds(configs, run_dir, make_parts=_parts, cores=cores)
    if result is None:
        return None
    folders = relative_to_cwd(run_dir)
    log.info("\n%s\nRun folders: %s/seed_..., each with its report.html", seeds_table(result.metrics()), folders)
    return result.spread("validation").mean


def _settings_of_seed(composed: "DictConfig", seed: int, run_dir: Path) -> "DictConfig":
    from omegaconf import DictConfig, OmegaConf

    resume = None if composed.resume is None else AUTO  # the runs of some seeds may not have started
    changes = {"seed": seed, "seeds": 1, "run_dir": str(run_dir), "resume": resume}
    merged = OmegaConf.merge(composed, changes)
    assert isinstance(merged, DictConfig)
    return merged


def _parts(config: TrainConfig) -> "TrainerParts":
    from halo.api.components import make_components
    from halo.runs.seed_worker import TrainerParts

    callbacks = make_components(config.callbacks, key="callbacks")
    trial = TrialOfSweep.of_environment()
    if trial is not None and trial.pruner is not None:
        from halo.training.callbacks.pruning import Pruning

        callbacks.append(Pruning(ValidationReporter(trial)))
    return TrainerParts(callbacks, make_components(config.logger, key="logger"))


if __name__ == "__main__":
    main()

"""`halo.fit`: a training run from Python."""

import os
from datetime import datetime
from typing import TYPE_CHECKING

from halo.runtime.errors import InputError, Stopped, packages_of_extra, require

if TYPE_CHECKING:
    from halo.config import TrainConfig
    from halo.runs.result import FitResult


def fit(
    *overrides: str,
    run_dir: str | os.PathLike[str] | None = None,
    config: "TrainConfig | None" = None,
    config_dir: str | os.PathLike[str] | None = None,
) -> "FitResult":
    """Trains, evaluates and saves a model, as `python -m halo.train` does.

    Progress is logged by the logger `halo`: `logging.basicConfig(level="INFO", format="%(message)s")` shows it.

        result = halo.fit("data=text", "data.path=notes.txt", "model.hidden=128", run_dir="runs/notes")
        result.scores["test"].perplexity
        model = halo.load(result.run_dir)

    Args:
        overrides: Settings as on the command line, such as `model.hidden=128` or `trainer=cpu`. With `resume=auto` the
            run in `run_dir` is resumed, if there is one.
        run_dir: The folder of the run; None for outputs/train/DATE/TIME.
        config: Complete settings instead of overrides.
        config_dir: A folder with configuration files of your own, as `--config-dir`.

    Raises:
        InputError: A setting, the text or the folder cannot be used; nothing has been written.
        TrainingError: The run started and cannot continue.
        Stopped: A signal such as SIGTERM ended the run; the same call with `resume=auto` resumes it.
    """
    with packages_of_extra("train", purpose="halo.fit"):
        from halo.api.components import make_components
        from halo.api.composing import compose_settings
        from halo.config import TrainConfig, parse
        from halo.runs.fit import fit as fit_run

    if config is None:
        folder = _run_folder(overrides, run_dir)
        config = parse(compose_settings("train", overrides, config_dir=config_dir, run_dir=folder), TrainConfig)
    else:
        require(not overrides, "config", "TrainConfig", "cannot be combined with overrides; use dataclasses.replace")
        require(run_dir is None, "run_dir", run_dir, "is part of config; use dataclasses.replace(config, run_dir=...)")
    require(config.seeds == 1, "seeds", config.seeds, "1 is needed; call halo.fit once for each seed")
    require(not config.find_lr, "find_lr", config.find_lr, "is for the command line: python -m halo.train find_lr=true")
    callbacks = make_components(config.callbacks, key="callbacks")
    try:
        result = fit_run(config, callbacks=callbacks, loggers=make_components(config.logger, key="logger"))
    except Stopped as stopped:
        stopped.hint = stopped.hint or f'resume with halo.fit(..., "resume=auto", run_dir={config.run_dir!r})'
        raise
    if result is None:  # a further process of a run on several devices: only the first has the result
        raise SystemExit(0)
    return result


def _run_folder(overrides: tuple[str, ...], run_dir: str | os.PathLike[str] | None) -> str:
    named = [each for each in overrides if each.startswith("run_dir=")]
    if named:
        raise InputError(f"{named[0]}: give the folder as the argument run_dir")
    return str(run_dir) if run_dir is not None else f"outputs/train/{datetime.now():%Y-%m-%d/%H-%M-%S}"

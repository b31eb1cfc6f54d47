"""Going on with a run: which point of it is taken, whether the settings are still its own, and its logs."""

import csv
import io
import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
import yaml
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from torch.utils.tensorboard import SummaryWriter

from halo.bundle.validation import invalid_weights_error, require_plain_archive
from halo.config import AUTO, TrainConfig, plain
from halo.runtime.atomic_files import UNFINISHED, atomic_write
from halo.runtime.errors import InputError
from halo.training.resume.resume_checkpoints import RESUME_FORMAT, ResumeCheckpoint, find_resume_checkpoints

log = logging.getLogger(__name__)

CHECKPOINT_FOLDER = "checkpoints"
MAY_CHANGE = (
    *("trainer.max_epochs", "trainer.max_steps", "trainer.max_time"),
    *("trainer.accelerator", "trainer.devices", "trainer.num_nodes", "trainer.strategy"),
    *("trainer.log_every_n_steps", "trainer.enable_progress_bar", "trainer.enable_model_summary"),
    *("logger", "callbacks.progress_bar", "callbacks.resume", "samples", "data.cache_dir", "run_dir", "resume"),
)
"""Settings that may differ from those of the run that goes on, with all below them."""


class ResumeSource(NamedTuple):
    """What a run goes on from.

    Attributes:
        file: The point.
        step: Optimizer steps that were taken before it.
        text: The fingerprint of the prepared text that it was trained on.
    """

    file: Path
    step: int
    text: str


def run_folder_of(path: Path) -> Path:
    """Returns the run folder that `resume=PATH` means: the path itself, or that of a point in it.

    Raises:
        InputError: There is no such run, or the file is no point of one.
    """
    if path.is_dir():
        return path
    if path.is_file() and path in [point.file for point in find_resume_checkpoints(path.parent)]:
        return path.parent.parent
    found = "not a point to go on from" if path.exists() else "no such file or folder"
    raise InputError(f"resume={path}: {found}; give a run folder, or a {CHECKPOINT_FOLDER}/resume-*.ckpt in one")


def find_resume_source(config: TrainConfig, run_dir: Path) -> ResumeSource | None:
    """Returns what the run goes on from; None where it begins from the beginning.

    Of a folder that is the newest whole one. Where none was written yet, `resume=auto` begins anew.

    Raises:
        InputError: There is none, it is broken, or the settings are not those of the run.
    """
    if config.resume is None:
        return None
    if not (run_dir / "config.yaml").exists():
        if config.resume == AUTO:
            return None
        raise InputError(f"resume={config.resume}: no run of halo.train in that folder (no config.yaml)")
    _require_same_settings(config, run_dir / "config.yaml")
    named = [] if config.resume == AUTO else [Path(config.resume)]
    checkpoints = find_resume_checkpoints(run_dir / CHECKPOINT_FOLDER)
    if named and named[0].is_file():
        (point,) = [each for each in checkpoints if each.file.samefile(named[0])]
        return _opened(point)
    for point in reversed(checkpoints):
        try:
            return _opened(point)
        except InputError as error:
            log.warning("%s; the point before it is tried", error)
    if checkpoints:
        raise InputError(
            f"resume={config.resume}: no point in {run_dir} is whole; start the run anew in another folder"
        )
    if config.resume != AUTO:
        raise InputError(f"resume={config.resume}: the run was stopped before its first point; start it anew")
    if (run_dir / "bundle").exists():
        raise InputError(f"resume=auto: {run_dir} holds a finished run without points; name another folder")
    log.info("No point to go on from in %s: the run begins from the beginning", run_dir)
    return None


def _opened(point: ResumeCheckpoint) -> ResumeSource:
    require_plain_archive(point.file)
    try:
        saved = torch.load(point.file, map_location="cpu", weights_only=True)
    except Exception as error:  # the restricted reader fails in many ways on what is broken
        raise invalid_weights_error(point.file, error) from error
    try:
        written, text = saved["resume"]["format"], saved["resume"]["text"]
    except (KeyError, TypeError) as error:
        raise InputError(f"{point.file}: not a point that halo.train wrote") from error
    if written != RESUME_FORMAT:
        raise InputError(f"{point.file}: of another version of halo (format {written}, this one reads {RESUME_FORMAT})")
    return ResumeSource(point.file, point.step, text)


def require_same_text(resumed: ResumeSource | None, text: str) -> None:
    """Raises `InputError` unless the prepared text is the one that the run was trained on."""
    if resumed is not None and resumed.text != text:
        changed = "its text, or how this version of halo prepares it, has changed since"
        raise InputError(f"resume={resumed.file}: {changed}; put back the text as it was, or start a new run")


def _require_same_settings(config: TrainConfig, file: Path) -> None:
    """Raises `InputError` that names every setting which differs from those of the run, and may not."""
    try:
        saved = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{file}: not the configuration of a halo run ({type(error).__name__})") from error
    now, before = dict(_leaves(plain(config))), dict(_leaves(saved))
    missing = object()
    changed = [
        f"{key}={now.get(key, 'left out')} (was {before.get(key, 'left out')})"
        for key in sorted({*now, *before})
        if now.get(key, missing) != before.get(key, missing) and not _may_change(key)
    ]
    if changed:
        allowed = ", ".join(MAY_CHANGE[:-2])
        raise InputError(f"resume: {', '.join(changed)}: set as the run was begun; only these may change: {allowed}")


def _may_change(key: str) -> bool:
    is_place = key.startswith("callbacks.") and key.endswith(".dirpath")  # below run_dir, which may have been moved
    return is_place or any(key == each or key.startswith(f"{each}.") for each in MAY_CHANGE)


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Returns each setting with its full key; an empty mapping has none."""
    if not isinstance(tree, Mapping):
        yield path, tree
        return
    for key, child in tree.items():
        yield from _leaves(child, f"{path}.{key}" if path else str(key))


def remove_later_checkpoints(run_dir: Path, resumed: ResumeSource | None) -> None:
    """Removes what a killed run left half-written, and resume checkpoints later than the one resumed from."""
    for folder in (run_dir, run_dir / CHECKPOINT_FOLDER):
        for file in folder.glob(f".*{UNFINISHED}"):
            file.unlink()
    for unfinished in run_dir.glob(".bundle.*"):
        shutil.rmtree(unfinished)
    for later in find_resume_checkpoints(run_dir / CHECKPOINT_FOLDER):
        if resumed is None or later.step > resumed.step:
            later.file.unlink()


def resume_logs(loggers: list[Logger], settings: dict[str, Any], step: int) -> None:
    """Lets curves go on at a step: what was logged from it on, and is logged again, goes.

    Args:
        loggers: Loggers that have not been used yet.
        settings: The settings of the run, which the CSV logger writes anew.
        step: The first step that is logged from now on.
    """
    for logger in loggers:
        if isinstance(logger, CSVLogger):
            _continue_csv(logger, step)
            logger.log_hyperparams(settings)
        elif isinstance(logger, TensorBoardLogger):
            # TensorBoard leaves out what earlier files of the folder have from this step on.
            SummaryWriter(logger.log_dir, purge_step=step).close()


def _continue_csv(logger: CSVLogger, step: int) -> None:
    """Keeps the rows before a step, which Lightning's logger would delete; a kill in between loses none of them."""
    file = Path(logger.log_dir) / "metrics.csv"
    aside = file.with_name(".metrics.csv.resuming")
    if file.exists() and not aside.exists():
        file.replace(aside)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*exists and is not empty.*")
        experiment = logger.experiment
    if not aside.exists():
        return
    with aside.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        kept = [row for row in reader if row["step"] and float(row["step"]) < step]
        keys = [key for key in reader.fieldnames or [] if any(row[key] for row in kept)]
    if kept:
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, keys, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(kept)
        atomic_write(file, written.getvalue())
        experiment.metrics_keys = keys
    aside.unlink()

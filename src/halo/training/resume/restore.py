"""Finds the checkpoint that a run resumes from, and checks that the settings and the text are still the same."""

import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
import yaml

from halo.bundle.validation import invalid_weights_error, require_plain_archive
from halo.config import AUTO, RunConfig, plain
from halo.runtime.atomic_files import UNFINISHED
from halo.runtime.errors import InputError
from halo.training.resume.checkpoint_files import (
    CHECKPOINT_FOLDER,
    RESUME_FORMAT,
    ResumeCheckpoint,
    find_resume_checkpoints,
)

log = logging.getLogger(__name__)

LIMITS = ("trainer.max_epochs", "trainer.max_steps", "trainer.max_time")
"""Settings that end a run; raised, they continue a finished one."""

CHANGEABLE = (
    *LIMITS,
    *("trainer.accelerator", "trainer.devices", "trainer.num_nodes", "trainer.strategy"),
    *("trainer.log_every_n_steps", "trainer.enable_progress_bar", "trainer.enable_model_summary"),
    *(
        "logger",
        "callbacks.progress_bar",
        "callbacks.resume",
        "max_unknown",
        "samples",
        *("audit.enabled", "audit.seed"),
        "card",
        *("data.cache_dir", "data.prepared", "data.engine", "data.ray_address"),
        "run_dir",
        "resume",
    ),
)
"""Settings that may be changed when a run is resumed, including all keys below them."""


class ResumeSource(NamedTuple):
    """Describes the checkpoint that a run resumes from.

    Attributes:
        file: The resume checkpoint.
        step: The number of optimizer steps before it.
        epoch: The epoch in which it was written, counted from 0.
        text: The fingerprint of the prepared text that the run is trained on.
        processes: The number of processes that wrote the checkpoint.
        threads: The number of threads in each of them, on which the last digits of all figures depend.
    """

    file: Path
    step: int
    epoch: int
    text: str
    processes: int
    threads: int


def find_resume_source(config: RunConfig, run_dir: Path) -> ResumeSource | None:
    """Returns the checkpoint to resume from; None if the run starts from the beginning.

    Of a run folder, the newest intact checkpoint is taken. If it has none yet, `resume=auto` starts the run again.

    Raises:
        InputError: There is no checkpoint, it is broken, or the settings differ from those of the run.
    """
    if config.resume is None:
        return None
    if not (run_dir / "config.yaml").exists():
        if config.resume == AUTO:
            return None
        raise InputError(f"resume={config.resume}: not the folder of a training run (no config.yaml)")
    _require_same_settings(config, run_dir / "config.yaml")
    checkpoints = find_resume_checkpoints(run_dir / CHECKPOINT_FOLDER)
    if config.resume != AUTO and Path(config.resume).is_file():
        (named,) = [each for each in checkpoints if each.file.samefile(config.resume)]
        return _before_the_end(config, _open_checkpoint(named))
    for checkpoint in reversed(checkpoints):
        try:
            source = _open_checkpoint(checkpoint)
        except InputError as error:
            log.warning("%s; trying the checkpoint before it", error)
        else:
            return _before_the_end(config, source)
    _require_never_checkpointed(config.resume, run_dir, checkpoints)
    log.info("No resume checkpoint in %s: the run starts from the beginning", run_dir)
    return None


def _before_the_end(config: RunConfig, source: ResumeSource) -> ResumeSource:
    """Returns the checkpoint; raises `InputError` if the run is to end before it."""
    for key, reached, done in (
        ("max_epochs", source.epoch, f"is in epoch {source.epoch + 1}"),
        ("max_steps", source.step, f"has made {source.step} steps"),
    ):
        limit = config.trainer.get(key)
        if isinstance(limit, int) and 0 <= limit <= reached:
            allowed = f"the run {done} at {source.file.name}; give at least {reached + 1}"
            raise InputError(f"trainer.{key}={limit}: {allowed}, or resume from an earlier checkpoint")
    return source


def _require_never_checkpointed(resume: str, run_dir: Path, checkpoints: list[ResumeCheckpoint]) -> None:
    """Raises `InputError` unless `resume=auto` names a run that was stopped before its first checkpoint."""
    if checkpoints:
        raise InputError(f"resume={resume}: every resume checkpoint in {run_dir} is broken; start a new run elsewhere")
    if (run_dir / "bundle").exists():
        finished = f"{run_dir} holds a finished run without resume checkpoints; name another folder"
        raise InputError(f"resume={resume}: {finished}")
    if resume != AUTO:
        raise InputError(f"resume={resume}: the run was stopped before its first resume checkpoint; start a new run")


def _open_checkpoint(checkpoint: ResumeCheckpoint) -> ResumeSource:
    file = checkpoint.file
    require_plain_archive(file)
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # the restricted reader raises many types for broken files
        raise invalid_weights_error(file, error) from error
    try:
        resume = saved["resume"]
        if (version := resume["format"]) != RESUME_FORMAT:
            versions = f"format {version}, this version reads {RESUME_FORMAT}"
            raise InputError(f"{file}: written by another version of halo ({versions}); start a new run")
        return ResumeSource(
            file,
            checkpoint.step,
            saved["epoch"],
            resume["text"],
            processes=len(resume["processes"]),
            threads=int(resume["threads"]),
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"{file}: not a resume checkpoint of halo.train") from error


def require_same_text(resumed: ResumeSource | None, text: str) -> None:
    """Raises `InputError` unless the prepared text is the one that the run was trained on.

    Args:
        resumed: The checkpoint that the run resumes from; None for a new run.
        text: The fingerprint of the prepared text.
    """
    if resumed is not None and resumed.text != text:
        changed = "the text, or how this version of halo prepares it, has changed since"
        raise InputError(f"resume={resumed.file}: {changed}; restore the text, or start a new run")


def _require_same_settings(config: RunConfig, file: Path) -> None:
    """Raises `InputError` with all settings that differ from those of the run although they must not."""
    try:
        saved = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InputError(f"{file}: not the configuration of a halo run ({type(error).__name__})") from error
    now, before = dict(_leaves(plain(config))), dict(_leaves(saved))
    changed = [
        f"{key}={now.get(key, 'not set')} (was {before.get(key, 'not set')})"
        for key in _differing(now, before)
        if not _is_changeable(key)
    ]
    if changed:
        raise InputError(
            f"resume: {', '.join(changed)}: must be as when the run started; repeat its command with resume= added "
            f"(only these may differ: {', '.join(CHANGEABLE[:-2])})"
        )


def is_finished(config: RunConfig, run_dir: Path) -> bool:
    """Returns whether a folder holds the run of a configuration, measured and saved, so that nothing is left to do.

    A run whose limit, such as `trainer.max_epochs`, has been raised since is not finished.
    """
    if not (run_dir / "metrics.json").is_file():
        return False
    try:
        saved = yaml.safe_load((run_dir / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return False  # reported when the run resumes
    differing = _differing(dict(_leaves(plain(config))), dict(_leaves(saved)))
    return all(_is_changeable(key) and key not in LIMITS for key in differing)


def _differing(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """Returns the keys of the settings that differ, or that only one of two runs has."""
    missing = object()
    return [key for key in sorted({*now, *before}) if now.get(key, missing) != before.get(key, missing)]


def _is_changeable(key: str) -> bool:
    is_path = key.startswith("callbacks.") and key.endswith(".dirpath")  # below run_dir, which may have been moved
    return is_path or any(key == each or key.startswith(f"{each}.") for each in CHANGEABLE)


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields each setting with its full key; an empty mapping has none."""
    if not isinstance(tree, Mapping):
        yield path, tree
        return
    for key, child in tree.items():
        yield from _leaves(child, f"{path}.{key}" if path else str(key))


def remove_later_checkpoints(run_dir: Path, resumed: ResumeSource | None) -> None:
    """Removes unfinished files of a killed run, and resume checkpoints later than the one resumed from.

    Args:
        run_dir: The run folder.
        resumed: The checkpoint that the run resumes from; None if it starts from the beginning.
    """
    for folder in (run_dir, run_dir / CHECKPOINT_FOLDER):
        for file in folder.glob(f".*{UNFINISHED}"):
            file.unlink()
    for unfinished in run_dir.glob(".bundle.*"):
        shutil.rmtree(unfinished)
    for checkpoint in find_resume_checkpoints(run_dir / CHECKPOINT_FOLDER):
        if resumed is None or checkpoint.step > resumed.step:
            checkpoint.file.unlink()

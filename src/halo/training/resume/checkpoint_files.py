"""Names and finds the files of resume checkpoints."""

from pathlib import Path
from typing import NamedTuple

from halo.runtime.errors import InputError

RESUME_FORMAT = 4
"""Version of the content of a resume checkpoint."""

MAX_KEPT = 2
"""The number of resume checkpoints that a run keeps: should the newest one be broken, there is another."""

CHECKPOINT_FOLDER = "checkpoints"
PREFIX, SUFFIX = "resume-", ".ckpt"


class ResumeCheckpoint(NamedTuple):
    """Identifies a resume checkpoint.

    Attributes:
        file: The checkpoint file.
        step: The number of optimizer steps before it.
    """

    file: Path
    step: int


def resume_checkpoint_file(folder: Path, step: int) -> Path:
    """Returns the file of the resume checkpoint after `step` optimizer steps.

    >>> resume_checkpoint_file(Path("checkpoints"), 500).name
    'resume-00000500.ckpt'
    """
    return folder / f"{PREFIX}{step:08d}{SUFFIX}"


def find_resume_checkpoints(folder: Path) -> list[ResumeCheckpoint]:
    """Returns the resume checkpoints in a folder, ordered by step and not by time, since clocks may be set back."""
    found = []
    for file in folder.glob(f"{PREFIX}*{SUFFIX}"):
        step = file.name.removeprefix(PREFIX).removesuffix(SUFFIX)
        if step.isdigit():
            found.append(ResumeCheckpoint(file, int(step)))
    return sorted(found, key=lambda checkpoint: checkpoint.step)


def remove_old_checkpoints(folder: Path) -> None:
    """Deletes all resume checkpoints in a folder but the newest `MAX_KEPT`."""
    for checkpoint in find_resume_checkpoints(folder)[:-MAX_KEPT]:
        checkpoint.file.unlink()


def has_resume_checkpoint(run_dir: Path) -> bool:
    """Returns whether a run folder has a resume checkpoint, intact or not."""
    return bool(find_resume_checkpoints(run_dir / CHECKPOINT_FOLDER))


def run_folder_of(path: Path) -> Path:
    """Returns the run folder for `resume=PATH`: the path itself, or the folder of the run that wrote a checkpoint.

    Raises:
        InputError: The path does not exist or is not a resume checkpoint.
    """
    if path.is_dir():
        return path
    if path.is_file() and path in [checkpoint.file for checkpoint in find_resume_checkpoints(path.parent)]:
        return path.parent.parent
    problem = "not a resume checkpoint" if path.exists() else "no such file or folder"
    raise InputError(f"resume={path}: {problem}; give a run folder, or a {CHECKPOINT_FOLDER}/resume-*.ckpt in one")

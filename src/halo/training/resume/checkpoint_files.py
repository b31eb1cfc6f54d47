"""Names and finds the files of resume checkpoints."""

from pathlib import Path
from typing import NamedTuple

RESUME_FORMAT = 2
"""Version of the content of a resume checkpoint."""

MAX_KEPT = 2
"""The number of resume checkpoints that a run keeps: should the newest one be broken, there is another."""

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

"""Resume checkpoints are found, ordered and cleaned up by the step in their name."""

import os
from pathlib import Path

from halo.training.resume.checkpoint_files import (
    find_resume_checkpoints,
    remove_old_checkpoints,
    resume_checkpoint_file,
)


def write(folder: Path, *steps: int) -> list[Path]:
    files = [resume_checkpoint_file(folder, step) for step in steps]
    for file in files:
        file.touch()
    return files


def test_they_are_in_the_order_of_their_steps_whatever_the_clock_says(tmp_path: Path) -> None:
    newer, older = write(tmp_path, 123_456_789, 40)  # the first has more digits than the name is padded to
    os.utime(newer, (0, 0))
    assert [(each.file, each.step) for each in find_resume_checkpoints(tmp_path)] == [(older, 40), (newer, 123_456_789)]


def test_other_files_are_no_resume_checkpoints(tmp_path: Path) -> None:
    for name in ("best.ckpt", "last.ckpt", "resume-.ckpt", "resume-best.ckpt", "resume-00000020.ckpt.unfinished"):
        (tmp_path / name).touch()
    assert find_resume_checkpoints(tmp_path) == []


def test_the_newest_two_are_kept(tmp_path: Path) -> None:
    write(tmp_path, 60, 20, 40)
    (tmp_path / "best.ckpt").touch()
    remove_old_checkpoints(tmp_path)
    assert [each.step for each in find_resume_checkpoints(tmp_path)] == [40, 60]
    assert (tmp_path / "best.ckpt").exists()

"""What the files of a sweep say about the trials among the compared runs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from halo.comparing.comparison import ComparedRun

MAX_BYTES = 2**20
SWEEP, TRIAL = "sweep.yaml", "trial.json"


@dataclass(frozen=True)
class Trial:
    """A trial of a study.

    Attributes:
        run: The run.
        number: Its number.
        values: What the study minimises; empty unless the trial has finished.
        ended: When it ended, in seconds since 1970; None if that was not recorded.
    """

    run: ComparedRun
    number: int
    values: tuple[float, ...]
    ended: float | None


@dataclass(frozen=True)
class Study:
    """The study that all compared runs are trials of.

    Attributes:
        name: Its name.
        objectives: The names of the figures that it minimises.
        is_log: Whether the search space of a setting is logarithmic, by its key.
        trials: Its trials among the runs, by number.
    """

    name: str
    objectives: tuple[str, ...]
    is_log: dict[str, bool]
    trials: list[Trial]


def study_of(runs: Sequence[ComparedRun]) -> Study | None:
    """Returns the study of runs in `STUDY/trials/NNNN`; None if they are of several studies, or of none."""
    trials = [run for run in runs if run.trial is not None]
    folders = {Path(run.folder).parent.parent for run in trials}
    if len(folders) != 1 or len(trials) < 2:
        return None
    (folder,) = folders
    record = _mapping(folder / SWEEP)
    if not record:
        return None
    name, objectives = record.get("study"), record.get("objectives")
    return Study(
        name=name if isinstance(name, str) else folder.name,
        objectives=tuple(each for each in objectives if isinstance(each, str)) if isinstance(objectives, list) else (),
        is_log=_logarithmic(record),
        trials=sorted((_trial(run) for run in trials), key=lambda trial: trial.number),
    )


def _logarithmic(record: Mapping[str, Any]) -> dict[str, bool]:
    """Returns the scales of the ranges of a search space."""
    parameters = record.get("search_space")
    if not isinstance(parameters, Mapping):
        return {}
    return {
        str(key): values.get("log") is True
        for key, values in parameters.items()
        if isinstance(values, Mapping) and "low" in values
    }


def _trial(run: ComparedRun) -> Trial:
    record = _mapping(Path(run.folder) / TRIAL)
    values = record.get("values")
    is_plain = isinstance(values, list) and all(isinstance(value, int | float) for value in values)
    ended = record.get("ended")
    assert run.trial is not None
    return Trial(
        run=run,
        number=run.trial,
        values=tuple(map(float, values)) if is_plain and values else (),
        ended=float(ended) if isinstance(ended, int | float) else None,
    )


def _mapping(file: Path) -> Mapping[str, Any]:
    """Returns the content of a file of JSON or YAML; empty if it has none, or is no small file of such."""
    try:
        if not file.is_file() or file.stat().st_size > MAX_BYTES:
            return {}
        text = file.read_text(encoding="utf-8")
        content = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    return content if isinstance(content, Mapping) else {}

"""The files of a sweep are read where they are well-formed, and do no harm where they are not."""

import json
from pathlib import Path

import pytest

from halo.comparing.comparison import ComparedRun
from halo.comparing.study import study_of
from tests.support.comparisons import compared_run

SWEEP = """\
study: rates
objectives: [validation_perplexity, minutes]
search_space:
  optim.lr: {low: 0.001, high: 0.1, log: true}
  model.hidden: {choices: [64, 128]}
  model.dropout_output: {low: 0.3, high: 0.7, step: 0.1}
"""


@pytest.fixture
def runs(tmp_path: Path) -> list[ComparedRun]:
    found = [compared_run(number, 80.0 if number else None, {}, folder=tmp_path) for number in (1, 0)]
    for run in found:
        Path(run.folder).mkdir(parents=True)
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    return found


def test_trials_have_their_values_and_scales(runs: list[ComparedRun], tmp_path: Path) -> None:
    record = {"number": 1, "state": "complete", "values": [80.0, 3], "ended": 1700.5}
    (tmp_path / "trials" / "0001" / "trial.json").write_text(json.dumps(record))
    study = study_of(runs)
    assert study is not None
    assert (study.name, study.objectives) == ("rates", ("validation_perplexity", "minutes"))
    assert study.is_log == {"optim.lr": True, "model.dropout_output": False}
    assert [(trial.number, trial.values, trial.ended) for trial in study.trials] == [
        (0, (), None),
        (1, (80.0, 3.0), 1700.5),
    ]


@pytest.mark.parametrize("text", ["", "[1]", "a: b: c", "\x00", "search_space: 3\nstudy: x", "search_space: [1]"])
@pytest.mark.parametrize("name", ["sweep.yaml", "trials/0001/trial.json"])
def test_other_files_are_no_error(runs: list[ComparedRun], tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text(text)
    study = study_of(runs)
    assert study is None or all(trial.values == () for trial in study.trials)


def test_runs_of_several_folders_are_no_study(runs: list[ComparedRun], tmp_path: Path) -> None:
    assert study_of([]) is None
    assert study_of(runs[:1]) is None
    other = compared_run(5, 80.0, {}, folder=tmp_path / "other")
    assert study_of([*runs, other]) is None
    assert study_of([*runs, compared_run(5, 80.0, {}, folder=tmp_path / "other", trial=None)]) is not None

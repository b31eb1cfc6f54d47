"""The settings of a job are recorded as they are meant, and its figures are read from its folder."""

import json
import math
from pathlib import Path

import pytest

from halo.cli.multirun.jobs import FINISHED, VALIDATION, Job, best_first, figures_of, settings_of


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("samples.prompts=['a, b',c]", "samples.prompts", "['a, b',c]"),
        ("name='a, b'", "name", "a, b"),
        ('name="two  words"', "name", "two  words"),
        (r"name='it\'s'", "name", "it's"),
        ("name='a=b'", "name", "a=b"),
        ("name=null", "name", "null"),
        ("name=true", "name", "true"),
        ("name=", "name", ""),
        ("++name='ö'", "name", "ö"),
        ("~callbacks.progress_bar", "callbacks.progress_bar", "removed"),
        ("optim.lr=1e-3", "optim.lr", "0.001"),
        ("model={hidden:8}", "model", "{hidden:8}"),
    ],
)
def test_settings_are_recorded_as_they_are_meant(override: str, key: str, value: str) -> None:
    assert settings_of([override]) == {key: value}


def test_figures_are_those_of_the_files_that_a_job_has_written(tmp_path: Path) -> None:
    assert figures_of(tmp_path) == {}
    (tmp_path / "metrics.json").write_text(json.dumps({VALIDATION: 2.5, "samples": []}))
    assert figures_of(tmp_path)[VALIDATION] == 2.5
    assert "samples" not in figures_of(tmp_path)


def test_the_best_is_first_and_a_job_without_a_figure_last() -> None:
    figures: list[dict[str, float | None]] = [{VALIDATION: math.nan}, {VALIDATION: 2.0}, {}, {VALIDATION: 1.0}]
    jobs = [Job(number, {}, FINISHED, figures=each) for number, each in enumerate(figures)]
    assert [job.number for job in best_first(jobs)] == [3, 1, 0, 2]

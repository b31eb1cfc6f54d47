"""The tables of a multirun show what varies, fit 80 columns whatever the values are, and say why jobs failed."""

from pathlib import Path

import pytest

from halo.cli.multirun.jobs import FAILED, FINISHED, VALIDATION, Job
from halo.cli.multirun.tables import csv_text, multirun_tables

STEPS = "[control,unicode,html,hyphenation,typography,urls,emails,phones,handles,special]"
LONG = {"optim.lr": "0.0043", "data.path": "/home/" + "deep/" * 20 + "text.txt", "data.cleaning.steps": STEPS}


def tables(jobs: list[Job]) -> str:
    return multirun_tables(Path("outputs/train/multirun/2026-11-27"), jobs, ["seed", *LONG])


def test_long_values_are_folded_into_80_columns() -> None:
    figures: dict[str, float | None] = {VALIDATION: 5.4321e34, "test_perplexity": 1.0, "minutes": 12_345.67}
    shown = tables([Job(123, LONG, FINISHED, figures=figures), Job(124, LONG, "interrupted"), Job(125, LONG, FAILED)])
    assert max(map(len, shown.splitlines())) <= 80
    assert all(text in shown for text in ("5.4e+34", "12345.7", "interrupted"))


@pytest.mark.parametrize("settings", [{}, {"optim.lr": "0.0043"}, LONG])
def test_seeds_have_a_row_of_their_mean_and_spread(settings: dict[str, str]) -> None:
    jobs = [
        Job(number, {**settings, "seed": str(number)}, FINISHED, figures={VALIDATION: 60.0 + number, "minutes": 2.0})
        for number in range(3)
    ]
    shown = tables([*jobs, Job(3, {**settings, "seed": "3"}, FAILED, reason="the loss became nan at step 3")])
    assert max(map(len, shown.splitlines())) <= 80
    row = next(line for line in shown.splitlines() if "61.00 ± 1.00" in line)
    assert "0-3" in row
    assert "3 of 4" in row
    assert "Job 3 failed: the loss became nan at step 3" in shown


def test_jobs_that_fail_for_one_reason_share_a_line() -> None:
    jobs = [Job(number, {"optim.lr": str(number)}, FAILED, reason="no disk") for number in (4, 0, 1)]
    assert "Jobs 0-1, 4 failed: no disk" in tables(jobs)


def test_the_same_run_again_is_said() -> None:
    jobs = [Job(number, {"seed": "1"}, FINISHED, figures={VALIDATION: 2.0}) for number in range(2)]
    assert "Job 1 has the settings of job 0: the same run again, counted once in a mean" in tables(jobs).replace(
        "\n  ", " "
    )


def test_the_file_has_all_settings_and_the_group_of_each_job() -> None:
    rows = [line.split(",") for line in csv_text([Job(1, {"a": "1", "seed": "2"}), Job(0, {"a": "1"})]).splitlines()]
    assert rows[0] == ["job", "group", "status", "reason", "folder", "a", "seed"]
    assert [row[1] for row in rows[1:]] == ["0", "0"]

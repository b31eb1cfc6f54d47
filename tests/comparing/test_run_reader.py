"""What is read of a run, whatever is missing or damaged: a row with a status, never an exception."""

import json
from pathlib import Path

import pytest

from halo.comparing.run_reader import read_run
from halo.runtime.run_lock import run_lock
from tests.support.compared_runs import write_run


def test_a_finished_run_has_settings_figures_and_curve(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "0007", seed=3, logger={"csv": {"save_dir": "x"}}), "7")
    assert (run.status, run.reason, run.seed, run.trial) == ("finished", "", 3, 7)
    assert run.settings["optim.lr"] == 0.01
    assert {"seed", "run_dir", "logger.csv.save_dir"}.isdisjoint(run.settings)
    assert run.figures is not None
    assert run.figures.splits["test"].documents == 12
    assert [(each.step, each.tokens, each.seconds) for each in run.curve] == [(10, 9, 1.5), (20, 9, 1.5)]


def test_a_run_that_goes_on_is_running_and_a_killed_one_interrupted(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", finished=False)
    with run_lock(folder):
        assert read_run(folder, "a").status == "running"
    (folder / ".lock").touch()
    assert read_run(folder, "a").status == "interrupted"


@pytest.mark.parametrize(
    ("record", "status", "reason"),
    [
        ('{"state": "pruned"}', "pruned", "stopped early, since other trials were better"),
        ('{"state": "fail", "reason": "step 3:\\nnot finite"}', "failed", "step 3: not finite"),
        ("[1]", "failed", "it has not finished"),
        ("{", "failed", "it has not finished"),
    ],
)
def test_a_trial_says_how_it_ended(tmp_path: Path, record: str, status: str, reason: str) -> None:
    folder = write_run(tmp_path / "a", finished=False)
    (folder / "trial.json").write_text(record)
    run = read_run(folder, "a")
    assert (run.status, run.reason) == (status, reason)


def test_an_unfinished_run_has_the_curve_of_its_log(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", finished=False)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "resume-00000010.ckpt").touch()
    (folder / "csv").mkdir()
    rows = [
        "step,seconds,tokens_seen,train/perplexity,val/perplexity",
        "4,1,20,,",
        "9,2.5,40.0,90,80",
        "bad,,,,70",
        "19,,,,nan",
    ]
    (folder / "csv" / "metrics.csv").write_text("\n".join(rows))
    run = read_run(folder, "a")
    assert run.status == "interrupted"
    (point,) = run.curve
    assert (point.step, point.train, point.validation, point.tokens, point.seconds) == (10, 90, 80, 40, 2.5)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metrics.json", "{"),
        ("metrics.json", "[]"),
        ("metrics.json", '{"splits": {"validation": {"nll": "high"}}}'),
        ("metrics.json", "[" * 100_000),
        ("config.yaml", "a: &b [1]\nc: *b"),
        ("config.yaml", "!!python/object/apply:os.system [ls]"),
        ("config.yaml", "seed: 1"),
        ("config.yaml", "\x00"),
        ("config.yaml", ""),
    ],
)
def test_a_damaged_file_is_the_reason_of_a_failed_row(tmp_path: Path, name: str, content: str) -> None:
    folder = write_run(tmp_path / "a")
    (folder / name).write_text(content)
    run = read_run(folder, "a")
    assert run.status == "failed"
    assert name in run.reason
    assert run.reason.isprintable()
    assert len(run.reason) <= 300


def test_an_older_layout_has_figures_without_a_curve(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["validations"]
    (folder / "metrics.json").write_text(json.dumps(metrics))
    run = read_run(folder, "a")
    assert run.status == "finished"
    assert run.curve == []


def test_a_folder_of_a_job_that_left_nothing_is_a_failed_row(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    run = read_run(tmp_path / "3", "3")
    assert (run.status, run.reason, run.trial) == ("failed", "it ended before its first step", 3)


def test_a_bundle_has_no_seed(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "bundle")
    (folder / "model.safetensors").touch()
    config = (folder / "config.yaml").read_text().replace("seed: 1\n", "")
    (folder / "config.yaml").write_text(config)
    run = read_run(folder, "a")
    assert run.is_bundle
    assert run.seed is None
    assert run.status == "finished"

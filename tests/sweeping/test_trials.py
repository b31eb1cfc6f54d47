"""Trials: their number is exact with several workers, and what was left is taken up."""

from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.sweeping.storage import open_storage
from halo.sweeping.sweep_folder import SweepFolder
from halo.sweeping.trials import MAX_RESTARTS, Trials, open_study, worker_name
from tests.support.studying import SPACE, open_trials, states


def test_workers_share_the_trials(tmp_path: Path) -> None:
    one, other = open_trials(tmp_path, num_trials=3), open_trials(tmp_path, num_trials=3)
    first, second, third = one.next(), other.next(), one.next()
    assert other.next() is None
    assert first
    assert second
    assert third
    assert [first.number, second.number, third.number] == [0, 1, 2]
    assert other.others_run()
    one.finish(first, "complete", values=[5.0])
    other.finish(second, "fail", reason="no memory")
    one.finish(third, "pruned")
    assert states(other) == ["COMPLETE", "FAIL", "PRUNED"]
    assert other.all()[1].user_attrs["reason"] == "no memory"
    assert one.next() is None
    more = open_trials(tmp_path, num_trials=4).next()
    assert more is not None
    assert more.number == 3


def left_behind(trials: Trials) -> int:
    """Claims a trial and loses it, as a worker that is killed does; returns its number."""
    claim = trials.next()
    assert claim is not None
    trials.begin(claim, worker="gone", now=1.0)
    claim.lock.release()
    return claim.number


def test_a_trial_that_nobody_works_on_is_taken_up_with_its_values(tmp_path: Path) -> None:
    number = left_behind(open_trials(tmp_path))
    claim = open_trials(tmp_path).next()
    assert claim is not None
    assert (claim.number, claim.restarts) == (number, 1)
    assert claim.values.keys() == SPACE.keys()
    assert claim.run_dir == tmp_path / "trials" / "0000"


def test_a_trial_that_was_stopped_does_not_count_as_killed(tmp_path: Path) -> None:
    trials = open_trials(tmp_path)
    for _ in range(MAX_RESTARTS + 2):
        claim = trials.next()
        assert claim is not None
        trials.begin(claim, worker="here", now=1.0)
        trials.end_attempt(claim, "stopped", now=2.0)
        trials.release(claim)
        assert (claim.number, claim.restarts) == (0, 0)


def test_a_trial_whose_values_were_being_chosen_gets_the_others(tmp_path: Path) -> None:
    expected = open_trials(tmp_path / "whole").next()
    trials = open_trials(tmp_path / "begun")
    trials.study.ask()  # without values
    claim = trials.next()
    assert claim is not None
    assert expected is not None
    assert claim.values == expected.values


def test_a_study_goes_on_only_with_the_same_settings_and_folder(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "a")
    settings = {"study": "s", "objectives": ["seconds"], "sampler": {"name": "tpe"}}
    database = f"sqlite:///{tmp_path / 'studies.db'}"
    storage = open_storage(database, tmp_path / "a")
    open_study(storage, "s", folder, settings)
    open_study(storage, "s", folder, settings)
    with pytest.raises(InputError, match=r"study=s: was started with other settings \(sampler.name=grid, was tpe\)"):
        open_study(storage, "s", folder, {**settings, "sampler": {"name": "grid"}})
    with pytest.raises(InputError, match=r"has it already, with its trials in .*/a; give sweep_dir="):
        open_study(storage, "s", SweepFolder(tmp_path / "b"), settings)
    assert not (tmp_path / "b" / "sweep.yaml").exists()


def test_a_record_without_its_journal_is_one_line(tmp_path: Path) -> None:
    trials = open_trials(tmp_path / "s")
    left_behind(trials)
    (tmp_path / "s" / "trials" / "0000").mkdir(parents=True)
    (tmp_path / "s" / "study.journal").unlink()
    with pytest.raises(InputError, match="the record of its trials is gone"):
        open_trials(tmp_path / "s")


def test_a_deleted_sweep_yaml_is_written_again(tmp_path: Path) -> None:
    left_behind(open_trials(tmp_path))
    before = (tmp_path / "sweep.yaml").read_text(encoding="utf-8").splitlines()
    (tmp_path / "sweep.yaml").unlink()
    assert open_trials(tmp_path).next() is not None
    assert (tmp_path / "sweep.yaml").read_text(encoding="utf-8").splitlines()[:2] == before[:2]


def test_a_worker_is_named_by_its_machine_process_and_number() -> None:
    assert worker_name(2, process=7).endswith("/7/2")

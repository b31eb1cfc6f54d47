"""The coordinator: killed trials are taken up, failed ones passed over, signals passed on, a full disk waited for."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from optuna.exceptions import StorageInternalError

from halo.runtime.errors import InputError
from halo.sweeping.trials import Claim
from halo.sweeping.workers import coordinator as coordinator_module
from halo.sweeping.workers.coordinator import SweepStopped, has_room
from tests.support.studying import MEASURE, coordinate, open_trials, states

DIES_ONCE = """
import os, pathlib, sys
mark = pathlib.Path(sys.argv[1], "mark")
if not mark.exists():
    mark.touch()
    {}
"""


def test_all_trials_are_run_by_several_workers(tmp_path: Path) -> None:
    trials = open_trials(tmp_path, num_trials=5)
    coordinator, ended = coordinate(trials, workers=2)
    coordinator.run()
    assert sorted(number for number, _ in ended) == [0, 1, 2, 3, 4]
    assert states(trials) == ["COMPLETE"] * 5
    assert trials.all()[3].values == [103.0]
    (attempt,) = trials.all()[0].user_attrs["attempts"]
    assert attempt["ending"] == "complete"
    assert attempt["started"] <= attempt["ended"]
    assert json.loads((tmp_path / "trials" / "0000" / "trial.json").read_text())["ended"] > 0


def test_a_killed_trial_is_taken_up_and_a_failed_one_passed_over(tmp_path: Path) -> None:
    programs = {
        0: DIES_ONCE.format("os.kill(os.getpid(), 9)") + MEASURE,
        1: "print('error: loss not finite'); raise SystemExit(1)",
        2: "import os; os.kill(os.getpid(), 9)",
    }
    trials = open_trials(tmp_path)
    coordinator, ended = coordinate(trials, lambda claim: programs[claim.number])
    coordinator.run()
    assert states(trials) == ["COMPLETE", "FAIL", "FAIL"]
    assert [len(each.user_attrs["attempts"]) for each in trials.all()] == [2, 1, 4]
    assert ended[1][1].reason == trials.all()[1].user_attrs["reason"] == "loss not finite"
    assert ended[2][1].reason == "its process was killed 4 times by SIGKILL, perhaps for lack of memory"


def test_a_signal_stops_the_trials_which_go_on_later(tmp_path: Path) -> None:
    waits = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
print(0, flush=True)
time.sleep(30)
"""
    trials = open_trials(tmp_path)
    coordinator, ended = coordinate(trials, lambda _: waits, workers=2)

    def interrupt() -> None:
        while len([*tmp_path.glob("trials/*/console.log")]) < 2 or not all(
            file.read_text() for file in tmp_path.glob("trials/*/console.log")
        ):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(SweepStopped, match=r"stopped by SIGINT with 2 unfinished trials \(0, 1\)") as caught:
        coordinator.run()
    assert caught.value.exit_status == 130
    assert states(trials) == ["RUNNING", "RUNNING"]
    again = open_trials(tmp_path)
    coordinator, ended = coordinate(again)
    coordinator.run()
    assert states(again) == ["COMPLETE"] * 3
    assert [number for number, _ in ended] == [0, 1, 2]
    assert [each["ending"] for each in again.all()[0].user_attrs["attempts"]] == ["stopped", "complete"]


def test_a_full_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = iter([False, True])
    monkeypatch.setattr(coordinator_module, "has_room", lambda _: next(rooms))
    monkeypatch.setattr(coordinator_module, "DISK_SECONDS", 0.05)
    trials = open_trials(tmp_path, num_trials=1)
    coordinator, _ = coordinate(trials, lambda _: DIES_ONCE.format("raise SystemExit(75)") + MEASURE)
    coordinator.run()
    assert states(trials) == ["COMPLETE"]
    assert [each["ending"] for each in trials.all()[0].user_attrs["attempts"]] == ["disk full", "complete"]


def test_a_trial_that_was_killed_too_often_is_given_up(tmp_path: Path) -> None:
    for _ in range(4):
        trials = open_trials(tmp_path, num_trials=1)
        claim = trials.next()
        assert claim is not None
        trials.begin(claim, worker="gone", now=1.0)
        claim.lock.release()
    trials = open_trials(tmp_path, num_trials=1)
    coordinate(trials)[0].run()
    assert states(trials) == ["FAIL"]


def test_a_worker_waits_for_the_trials_of_others_and_takes_them_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator_module, "OTHERS_SECONDS", 0.1)
    others = open_trials(tmp_path, num_trials=1).next()
    assert others is not None
    threading.Timer(0.6, others.lock.release).start()  # it is killed
    trials = open_trials(tmp_path, num_trials=1)
    coordinate(trials)[0].run()
    assert states(trials) == ["COMPLETE"]


def test_an_error_of_the_coordinator_stops_its_trials(tmp_path: Path) -> None:
    def program(claim: Claim) -> str:
        if claim.number:
            raise RuntimeError("broken")
        return "import time; time.sleep(30)"

    trials = open_trials(tmp_path)
    coordinator, _ = coordinate(trials, program, workers=2)
    with pytest.raises(RuntimeError, match="broken"):
        coordinator.run()
    assert all(slot.running is None for slot in coordinator.slots)


def test_room_is_looked_for_where_the_trial_is(tmp_path: Path) -> None:
    assert has_room(tmp_path / "new")
    assert not [*(tmp_path / "new").iterdir()]


def test_a_server_that_comes_back_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    trials = open_trials(tmp_path)
    real, calls = trials.next, list[None]()

    def sometimes() -> Claim | None:
        calls.append(None)
        if len(calls) == 2:
            raise StorageInternalError
        return real()

    trials.next = sometimes  # type: ignore[method-assign]
    coordinator, _ = coordinate(trials)
    coordinator.run()
    assert states(trials) == ["COMPLETE"] * 3
    assert caplog.messages == ["The storage does not answer; trying again for 5 minutes"]


def test_a_server_that_stays_away_stops_the_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator_module, "SERVER_SECONDS", 0)
    trials = open_trials(tmp_path)
    real, claims = trials.next, list[Claim | None]()

    def once() -> Claim | None:
        if claims:
            raise StorageInternalError
        claims.append(real())
        return claims[0]

    def gone(*_: object, **__: object) -> None:
        raise StorageInternalError

    trials.next = once  # type: ignore[method-assign]
    trials.end_attempt = gone  # type: ignore[method-assign]
    coordinator, _ = coordinate(trials, lambda _: "import time; time.sleep(30)", workers=2)
    with pytest.raises(InputError, match="storage: the server or file of the study does not answer any more; repeat"):
        coordinator.run()
    assert claims[0] is not None
    assert trials.folder.claim(claims[0].number) is not None  # whoever comes next can take it up

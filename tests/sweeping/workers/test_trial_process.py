"""What the end of a trial's process means."""

import sys
from pathlib import Path

import pytest

from halo.sweeping.workers.trial_process import Ending, TrialProcess, signal_name
from tests.support.studying import open_trials


def ending(folder: Path, program: str) -> Ending:
    claim = open_trials(folder).next()
    assert claim is not None
    command = [sys.executable, "-S", "-E", "-c", program, str(claim.run_dir)]
    return TrialProcess.start(claim, command, {"HALO_X": "1"}).ending(["validation_perplexity", "seconds"])


WRITE = "import sys, pathlib; pathlib.Path(sys.argv[1], 'metrics.json').write_text({!r})"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (WRITE.format('{"validation_perplexity": 5, "minutes": 2}'), Ending("complete", (5.0, 120.0))),
        (WRITE.format('{"validation_perplexity": null, "minutes": 2}'), "fail: validation_perplexity is not finite"),
        (WRITE.format('{"validation_perplexity": NaN, "minutes": 2}'), "fail: validation_perplexity is not finite"),
        ("pass", "fail: it has left no metrics.json"),
        ("raise SystemExit(3)", "pruned: "),
        ("print('error: the disk is full'); raise SystemExit(75)", "disk full: the disk is full"),
        ("print('error: loss not finite'); raise SystemExit(1)", "fail: loss not finite"),
        ("raise SystemExit(2)", "fail: exit status 2"),
        ("raise ValueError('x')", "fail: ValueError: x"),
        ("import os; os.kill(os.getpid(), 9)", "killed: by SIGKILL, perhaps for lack of memory"),
        ("raise SystemExit(143)", "killed: by SIGTERM"),
        ("raise SystemExit(137)", "killed: by SIGKILL, perhaps for lack of memory"),
        ("import os; os.abort()", "killed: by SIGABRT"),
    ],
)
def test_a_status_says_how_a_trial_has_ended(tmp_path: Path, program: str, expected: Ending | str) -> None:
    found = ending(tmp_path, program)
    assert (f"{found.kind}: {found.reason}" if isinstance(expected, str) else found) == expected


def test_an_error_of_an_earlier_attempt_is_not_that_of_this_one(tmp_path: Path) -> None:
    trials = open_trials(tmp_path)
    claim = trials.next()
    assert claim is not None
    for program, reason in (("print('error: a'); exit(1)", "a"), ("exit(1)", "exit status 1")):
        process = TrialProcess.start(claim, [sys.executable, "-c", program], {})
        assert process.ending(["seconds"]).reason == reason


def test_a_signal_without_a_name_has_a_number() -> None:
    assert (signal_name(15), signal_name(123)) == ("SIGTERM", "signal 123")

"""Commands accept any argument and any file, or refuse it in one line, and touch no other file.

`HALO_FUZZ_COMMANDS=2000` tries two thousand inputs; `benchmarks/fuzz.py` prints a table of many more.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import COMMANDS, Run
from tests.support.fuzzing import Tried, make_sandbox, try_input
from tests.support.spoiling import FILES, keys_of

NUM_INPUTS = int(os.environ.get("HALO_FUZZ_COMMANDS", "200"))


@pytest.mark.exhaustive
def test_every_input_is_accepted_or_refused_in_one_line(trained: Run, corpus_file: Path, tmp_path: Path) -> None:
    sandbox = make_sandbox(tmp_path / "sandbox", run=trained.folder, text=corpus_file)
    keys = {name: keys_of(name) for name in COMMANDS}
    outcomes: Counter[str] = Counter()
    kinds: set[str] = set()
    for number in range(NUM_INPUTS):
        tried = try_input(number, sandbox, keys, share_of_arguments=0.12)
        assert tried.outcome in ("accepted", "refused"), (
            f"input {number}, {tried.kind}: {tried.outcome}\n{tried.message}"
        )
        outcomes[tried.outcome] += 1
        kinds.add(tried.kind)
    assert min(outcomes["accepted"], outcomes["refused"]) > NUM_INPUTS / 10
    assert kinds == {*FILES, *(f"arguments of {name}" for name in COMMANDS)}


def test_the_fuzzer_detects_failures(
    trained: Run, corpus_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fuzzer that finds nothing is only worth something if it finds failures that exist."""
    sandbox = make_sandbox(tmp_path / "sandbox", run=trained.folder, text=corpus_file)

    def tried() -> Tried:
        return try_input(0, sandbox, {}, share_of_arguments=0)

    def stray(*_: object) -> None:
        (sandbox.work / "stray").touch()

    def fail(*_: object) -> None:
        raise KeyError("x")

    for task, outcome in ((fail, "traceback"), (stray, "stray files")):
        monkeypatch.setattr("tests.support.fuzzing._use_file", task)
        assert tried().outcome == outcome
    monkeypatch.setattr("tests.support.fuzzing.TIMEOUT_SECONDS", 1)
    monkeypatch.setattr("tests.support.fuzzing._use_file", lambda *_: [None for _ in iter(int, 1)])
    assert tried().outcome == "hang"

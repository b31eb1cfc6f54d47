"""A busy machine is noticed, torch gets as many threads as cores are free, and what the user has set is kept."""

import logging
import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from halo.runtime import threads
from halo.runtime.process_pool import num_cores
from halo.runtime.threads import Cores, limit_threads, measure_cores, users_variable
from tests.conftest import EXHAUSTIVE


class Machine:
    """A machine on which hashing takes a second, in which each thread gets a share of a core."""

    def __init__(self, *shares: float) -> None:
        self.shares = list(shares)  # one for each measurement to come
        self.share = 0.0
        self.own = threading.local()

    def sha256(self, content: bytes) -> None:
        self.own.wall = self.perf_counter() + 1

    def perf_counter(self) -> float:
        return float(getattr(self.own, "wall", 0.0))

    def thread_time(self) -> float:
        return self.share * self.perf_counter()


@pytest.fixture
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which neither the user nor the program has chosen, and torch is not loaded."""
    for name in [name for name in os.environ if name in threads.VARIABLES or name.startswith("KMP_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(threads, "_chosen", {})
    monkeypatch.setattr(threads, "num_cores", lambda: 4)


@pytest.fixture
def environment(nothing_chosen: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that the program sets, apart from those of this process."""
    own: dict[str, str] = {}
    monkeypatch.setattr(threads, "os", SimpleNamespace(environ=own))
    return own


@pytest.mark.parametrize(
    ("free", "usable"),
    [(4.0, 4), (3.9, 4), (3.71, 4), (3.6, 3), (3.2, 3), (2.5, 2), (1.33, 1), (0.8, 1), (0.1, 1), (4.2, 4)],
)
def test_as_many_threads_as_cores_are_free(free: float, usable: int) -> None:
    cores = Cores(4, free)
    assert cores.usable == usable
    assert cores.is_busy == (usable < 4)


@pytest.mark.parametrize(
    ("shares", "free"),
    [
        ([1.0], 4.0),  # quiet: measured once
        ([0.95], 3.8),
        ([0.5, 1.0, 1.0], 4.0),  # a blip
        ([0.5, 0.6, 1.0], 2.4),
        ([0.25, 0.25, 0.2], 1.0),
    ],
)
def test_the_share_of_every_core_is_measured(
    shares: list[float], free: float, nothing_chosen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, obtained = Machine(*shares), threads._obtained_cores

    def measure(number: int) -> float:
        machine.share = machine.shares.pop(0)
        return obtained(number)

    monkeypatch.setattr(threads, "time", machine)
    monkeypatch.setattr(threads, "hashlib", machine)
    monkeypatch.setattr(threads, "_obtained_cores", measure)
    cores = measure_cores()
    assert cores is not None
    assert cores.total == 4
    assert cores.free == pytest.approx(free)
    assert machine.shares == []


def test_a_measurement_sees_no_more_than_all_cores() -> None:
    assert 0 < threads._obtained_cores(1) <= 1.01


@pytest.mark.parametrize(
    "name",
    ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "KMP_BLOCKTIME", "LOCAL_RANK"],
)
def test_nothing_is_measured_where_something_is_chosen(
    name: str, nothing_chosen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_obtained_cores", lambda number: pytest.fail("measured"))
    monkeypatch.setenv(name, "1")
    assert measure_cores() is None


def test_nothing_is_measured_once_torch_is_loaded(nothing_chosen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", threads)
    assert measure_cores() is None


@pytest.mark.parametrize(
    ("free", "processes", "keeps_number", "expected", "message"),
    [
        (4.0, 1, False, {}, None),
        (2.4, 1, False, {"OMP_NUM_THREADS": "2"}, "about 2.4 of 4 cores are free; using 2 threads"),
        (1.3, 1, False, {"OMP_NUM_THREADS": "1"}, "using 1 thread (OMP_NUM_THREADS=4 to use 4)"),
        (0.3, 1, False, {"OMP_NUM_THREADS": "1"}, "about 0.3 of 4 cores are free; using 1 thread ("),
        (2.9, 2, False, {"OMP_NUM_THREADS": "1"}, "using 1 thread in each process (OMP_NUM_THREADS=2 to use 2)"),
        (1.0, 8, False, {"OMP_NUM_THREADS": "1"}, "using 1 thread in each process (OMP_NUM_THREADS=1 to use 1)"),
        (1.3, 1, True, {}, None),
    ],
)
def test_a_busy_machine_is_said_in_one_line(
    *,
    free: float,
    processes: int,
    keeps_number: bool,
    expected: dict[str, str],
    message: str | None,
    environment: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    limit_threads(Cores(4, free), processes=processes, keeps_number=keeps_number)
    assert environment == expected | ({} if free == 4 else {"GOMP_SPINCOUNT": "0"})
    assert len(caplog.messages) == (message is not None)
    assert (message or "") in caplog.text
    assert users_variable() is None  # the program's own choice


def test_without_a_measurement_nothing_is_chosen(environment: dict[str, str]) -> None:
    limit_threads(None)
    assert environment == {}


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "MKL_NUM_THREADS"])
def test_the_number_of_the_user_is_told_from_ours(name: str, environment: dict[str, str]) -> None:
    assert users_variable() is None
    environment[name] = "2"
    assert users_variable() == name


CHOICE = """
import os, sys
from halo.runtime import threads
assert "torch" not in sys.modules
threads.num_cores = lambda: 4
threads._obtained_cores = lambda number: float(sys.argv[1])
threads.limit_threads(threads.measure_cores())
import torch
print(torch.get_num_threads(), os.environ.get("GOMP_SPINCOUNT"))
"""


@pytest.mark.parametrize(
    ("free", "variables", "expected"),
    [
        (1.3, {}, "1 0"),
        pytest.param(2.3, {}, f"{min(2, num_cores())} 0", marks=EXHAUSTIVE),  # no more threads than there are cores
        (1.3, {"OMP_NUM_THREADS": "2"}, f"{min(2, num_cores())} None"),
    ],
)
def test_the_choice_reaches_torch(free: float, variables: dict[str, str], expected: str) -> None:
    chosen = ("LOCAL_RANK", "KMP_", *threads.VARIABLES)  # importing scikit-learn sets variables that begin with KMP_
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(chosen)}
    done = subprocess.run(
        [sys.executable, "-c", CHOICE, str(free)],
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


LOADED = """
import sys
from halo import {command}
print("torch" in sys.modules)
"""


@pytest.mark.parametrize(
    "command", ["train", *(pytest.param(each, marks=EXHAUSTIVE) for each in ("evaluate", "generate"))]
)
def test_the_commands_load_torch_after_the_choice(command: str) -> None:
    code = LOADED.format(command=command)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""Tests of the launcher for Ray, on a cluster of this machine alone."""

import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config.launcher import RayLauncherConfig
from halo.runtime.errors import InputError
from halo.sweeping.launchers.ray_cluster import run_worker, run_workers
from tests.sweeping.launchers.test_worker_process import WAITS, interrupt_after_start

CONFIG = RayLauncherConfig(name="ray", address=None, cpus_per_worker=1, gpus_per_worker=0)


def test_a_worker_prints_into_its_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run_worker(["-c", "print('one'); raise SystemExit(3)"], str(tmp_path), str(log)) == 3
    assert log.read_text() == "one\n"


def test_a_missing_ray_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"launcher=ray needs the package ray; pip install 'semblance-halo\[ray\]'"):
        run_workers(CONFIG, [], workers=1, folder=tmp_path)


@pytest.mark.exhaustive
def test_workers_run_on_a_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("ray", reason="needs the extra `ray`")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    caplog.set_level("INFO")
    command = ["-c", "import os; print(os.getcwd(), os.environ['OMP_NUM_THREADS']); raise SystemExit(4)"]
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert run_workers(CONFIG, command, workers=2, folder=Path("workers")) == [4, 4]
    for number in (0, 1):
        assert (tmp_path / f"workers/ray-{number}.log").read_text() == f"{tmp_path} 1\n"
    assert "A worker has ended with status 4; 0 workers left" in caplog.text

    with pytest.raises(
        InputError, match=r"launcher.cpus_per_worker=9000 launcher.gpus_per_worker=0: no machine of the"
    ):
        run_workers(RayLauncherConfig("ray", None, 9000, 0), [], workers=1, folder=Path("workers"))

    log = tmp_path / "stopped" / "ray-0.log"
    interrupt = threading.Thread(target=interrupt_after_start, args=(log,))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        run_workers(CONFIG, ["-c", WAITS], workers=1, folder=Path("stopped"))
    interrupt.join()
    assert log.read_text() == "started\ncheckpoint\n"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:1", "no Ray cluster answers (Connection refused); start one with `ray start --head`, or leave"),
        ("somewhere", "must be HOST:PORT, such as 10.0.0.1:6379, or auto"),
        ("ray://127.0.0.1:10001", "must be HOST:PORT"),
    ],
)
def test_a_cluster_that_does_not_answer_is_one_line(address: str, expected: str, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs the extra `ray`")
    with pytest.raises(InputError) as refused:
        run_workers(replace(CONFIG, address=address), [], workers=1, folder=tmp_path)
    assert str(refused.value).startswith(f"launcher.address={address}: {expected}")

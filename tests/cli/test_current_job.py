"""What a setting `run_dir` means in a single run and in a sweep."""

import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from halo.cli.current_job import FailedJob, given_settings, in_sweep, output_dir, run_folder


def set_job(monkeypatch: pytest.MonkeyPatch, mode: RunMode, folder: Path) -> None:
    job = SimpleNamespace(
        mode=mode, runtime=SimpleNamespace(output_dir=str(folder)), sweep=SimpleNamespace(dir=str(folder.parent))
    )
    monkeypatch.setattr(HydraConfig, "get", lambda: job)


def test_a_single_run_writes_in_the_folder_that_it_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_job(monkeypatch, RunMode.RUN, tmp_path / "jobs" / "0")
    assert not in_sweep()
    assert run_folder(None) == output_dir() == tmp_path / "jobs" / "0"
    assert run_folder(str(tmp_path / "jobs")) == tmp_path / "jobs"


def test_a_job_of_a_sweep_writes_in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_job(monkeypatch, RunMode.MULTIRUN, tmp_path / "jobs" / "0")
    assert in_sweep()
    assert run_folder(None) == tmp_path / "jobs" / "0"
    assert run_folder(str(tmp_path / "jobs")) == tmp_path / "jobs" / "0"
    assert run_folder(str(tmp_path / "other")) == tmp_path / "other"  # the sweep is over run_dir itself


def test_settings_of_the_command_line_are_found_by_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    job = SimpleNamespace(overrides=SimpleNamespace(task=["data=text", "++trainer.x=1", "~debug", "data.path='a=b'"]))
    monkeypatch.setattr(HydraConfig, "get", lambda: job)
    assert given_settings() == {"data": "text", "trainer.x": "1", "debug": "", "data.path": "'a=b'"}


def test_a_failed_job_is_infinitely_bad_in_another_process_as_well() -> None:
    failed = pickle.loads(pickle.dumps(FailedJob(2, "no text")))
    assert failed == float("inf")
    assert (failed.exit_status, failed.reason) == (2, "no text")

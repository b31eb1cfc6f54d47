"""The processes of further devices run the job of the first, in its folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hydra.conf import ConfigSourceInfo
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from lightning.fabric.strategies.launchers.subprocess_script import _ChildProcessObserver
from omegaconf import DictConfig, OmegaConf

from halo.cli.launched_ranks import end_launched_processes, launched_ranks_repeat_this_job, require_no_launcher
from halo.runtime.errors import InputError
from halo.runtime.process_ranks import FIRST_PROCESS


def set_job(monkeypatch: pytest.MonkeyPatch, mode: RunMode, folder: Path) -> DictConfig:
    sources = [ConfigSourceInfo("conf", "file", "main"), ConfigSourceInfo("own", "file", "command-line")]
    hydra = {
        "mode": mode,
        "run": {"dir": "outputs/new"},
        "sweep": {"dir": str(folder.parent)},
        "runtime": {"output_dir": str(folder), "config_sources": [OmegaConf.structured(each) for each in sources]},
        "overrides": {"task": ["seed=3", f"run_dir={folder.parent}"]},
    }
    config = OmegaConf.create({"hydra": hydra})
    instance = HydraConfig.instance()
    monkeypatch.setattr(instance, "cfg", config)
    monkeypatch.setattr(HydraConfig, "get", lambda: config.hydra)
    return config


def test_they_repeat_one_job_of_a_sweep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = set_job(monkeypatch, RunMode.MULTIRUN, tmp_path / "0")
    command_line = ["halo.train", "-m", "seed=3,4", "--config-dir=own"]
    monkeypatch.setattr(sys, "argv", command_line)
    with launched_ranks_repeat_this_job(OmegaConf.create({"run_dir": str(tmp_path)})):
        folder = f"run_dir={tmp_path / '0'}"
        settings = ["seed=3", f"run_dir={tmp_path}", "hydra.mode=RUN", folder]
        assert sys.argv == ["halo.train", "--config-dir", "own", *settings]
        assert config.hydra.run.dir == str(tmp_path / "0")
    assert sys.argv is command_line
    assert config.hydra.run.dir == "outputs/new"


def test_the_environment_is_as_before_for_the_next_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_job(monkeypatch, RunMode.RUN, tmp_path / "mine")
    before = dict(os.environ)
    with launched_ranks_repeat_this_job(OmegaConf.create({"run_dir": None})):
        assert os.environ[FIRST_PROCESS] == str(os.getpid())
        os.environ.update({"LOCAL_RANK": "0", "MASTER_PORT": "1"})  # as Lightning does
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    "variables", [{"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2"}, {"SLURM_NTASKS": "2", "SLURM_PROCID": "0"}]
)
def test_a_sweep_is_not_started_by_a_launcher(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    require_no_launcher()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=r"^-m: a sweep cannot be started by (torchrun|srun); without it"):
        require_no_launcher()


def test_they_end_with_the_first() -> None:
    code = "import sys; from halo.cli.launched_ranks import _exit_with_first_process as end; end(sys.argv[1])"
    arguments = f"[sys.executable, '-c', {code!r}, str(os.getpid())]"
    parent = f"import os, subprocess, sys; subprocess.Popen({arguments})"
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, timeout=60, check=True)  # until both end
    assert done.stderr == b""


def test_they_repeat_a_single_run_in_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = set_job(monkeypatch, RunMode.RUN, tmp_path / "mine")
    monkeypatch.setattr(sys, "argv", ["halo.train", "seed=3"])
    with launched_ranks_repeat_this_job(OmegaConf.create({"run_dir": None})):
        assert sys.argv == ["halo.train", "seed=3"]
        assert config.hydra.run.dir == str(tmp_path / "mine")
    assert config.hydra.run.dir == "outputs/new"


def test_processes_of_a_failed_job_end_and_nothing_watches_them_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halo.cli.launched_ranks.END_SECONDS", 0.1)
    processes = [subprocess.Popen([sys.executable, "-c", code]) for code in ("exit(1)", "import time; time.sleep(600)")]
    observer = _ChildProcessObserver(os.getpid(), processes, sleep_period=1)
    observer.start()
    end_launched_processes()
    assert all(process.poll() is not None for process in processes)
    observer.join(10)  # and this process lives
    assert not observer.is_alive()

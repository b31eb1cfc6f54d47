"""The processes of further devices run the job of the first, in its folder."""

import sys
from pathlib import Path

import pytest
from hydra.conf import ConfigSourceInfo
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from halo.cli.launched_ranks import is_first_process, launched_ranks_repeat_this_job


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


@pytest.mark.parametrize(("rank", "is_first"), [(None, True), ("0", True), ("1", False)])
def test_the_first_process_is_the_one_that_was_not_launched(
    rank: str | None, is_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    assert is_first_process() == is_first


def test_they_repeat_one_job_of_a_sweep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = set_job(monkeypatch, RunMode.MULTIRUN, tmp_path / "0")
    command_line = ["halo.train", "-m", "seed=3,4", "--config-dir=own"]
    monkeypatch.setattr(sys, "argv", command_line)
    with launched_ranks_repeat_this_job(OmegaConf.create({"run_dir": str(tmp_path)})):
        folder = f"run_dir='{tmp_path / '0'}'"
        assert sys.argv == ["halo.train", "--config-dir", "own", "seed=3", f"run_dir={tmp_path}", folder]
        assert config.hydra.run.dir == str(tmp_path / "0")
    assert sys.argv is command_line
    assert config.hydra.run.dir == "outputs/new"


def test_they_repeat_a_single_run_in_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = set_job(monkeypatch, RunMode.RUN, tmp_path / "mine")
    monkeypatch.setattr(sys, "argv", ["halo.train", "seed=3"])
    with launched_ranks_repeat_this_job(OmegaConf.create({"run_dir": None})):
        assert sys.argv == ["halo.train", "seed=3"]
        assert config.hydra.run.dir == str(tmp_path / "mine")
    assert config.hydra.run.dir == "outputs/new"

"""A refused command leaves its output folder as it was, and Hydra's files are where the run is."""

import contextlib
import logging
import os
import re
from pathlib import Path
from typing import Any

import pytest
from omegaconf import DictConfig, OmegaConf

from halo.cli.output_folder import FolderBefore, OutputFolder, discard_output, finish_output
from halo.runtime.process_ranks import FIRST_PROCESS
from halo.runtime.run_lock import run_lock


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def let_hydra_write(folder: Path, text: str = "new") -> None:
    (folder / ".hydra").mkdir(parents=True, exist_ok=True)
    (folder / ".hydra" / "config.yaml").write_text(text)
    (folder / "train.log").open("a").write(text)


def before_hydra(folder: str) -> FolderBefore:
    return FolderBefore.of(Path(folder).resolve(), "train.log")


def composed(*hydra_overrides: str, **settings: Any) -> DictConfig:
    hydra = {
        "job": {"name": "train", "chdir": None},
        "run": {"dir": "outputs/1"},
        "sweep": {"dir": "outputs/sweep"},
        "overrides": {"hydra": list(hydra_overrides)},
    }
    return OmegaConf.create({"run_dir": None, "resume": None, "hydra": hydra, **settings})


def test_a_new_folder_is_removed_with_those_above_it() -> None:
    before = before_hydra("a/b/c")
    let_hydra_write(Path("a/b/c"))
    before.restore()
    assert not Path("a").exists()


def test_a_folder_that_was_there_is_as_before() -> None:
    let_hydra_write(Path("run"), "old")
    Path("run/notes.txt").write_text("mine", encoding="utf-8")
    was = contents(Path("run"))
    before = before_hydra("run")
    (Path("run/.hydra/config.yaml")).write_text("new", encoding="utf-8")
    before.restore()
    assert contents(Path("run")) == was
    Path("empty").mkdir()
    before = before_hydra("empty")
    let_hydra_write(Path("empty"))
    before.restore()
    assert list(Path("empty").iterdir()) == []


def test_a_folder_in_which_the_command_wrote_is_kept() -> None:
    before = before_hydra("run")
    let_hydra_write(Path("run"))
    Path("run/metrics.json").write_text("{}", encoding="utf-8")
    before.restore()
    assert {path.name for path in Path("run").iterdir()} == {".hydra", "train.log", "metrics.json"}


def test_files_of_other_programs_are_not_removed() -> None:
    before = before_hydra(".")
    let_hydra_write(Path())
    Path("other.log").touch()
    before.restore()
    assert Path("other.log").exists()


def test_the_log_of_a_removed_folder_is_closed() -> None:
    before = before_hydra("run")
    let_hydra_write(Path("run"))
    handler = logging.FileHandler(Path("run/later.log").resolve(), delay=True)
    logging.getLogger().addHandler(handler)
    before.restore()
    assert handler not in logging.getLogger().handlers


@pytest.mark.parametrize(
    ("settings", "overrides", "folder"),
    [
        ({}, [], "outputs/1"),
        ({"run_dir": "mine"}, [], "mine"),
        ({"run_dir": 7}, [], "7"),
        ({"run_dir": "mine"}, ["hydra.run.dir=other"], "outputs/1"),
        ({"resume": "auto", "run_dir": "mine"}, [], "mine"),
        ({"resume": "earlier"}, [], "earlier"),
        ({"resume": "earlier/checkpoints/resume-3.ckpt"}, [], "earlier"),
        ({"resume": "no_run"}, [], "outputs/1"),
        ({"resume": "nowhere"}, [], "outputs/1"),
    ],
)
def test_hydra_writes_where_the_run_is(settings: dict[str, Any], overrides: list[str], folder: str) -> None:
    Path("earlier/checkpoints").mkdir(parents=True)
    Path("earlier/config.yaml").touch()
    Path("earlier/checkpoints/resume-3.ckpt").touch()
    Path("no_run").mkdir()
    config = composed(*overrides, **settings)
    OutputFolder().on_run_start(config)
    assert config.hydra.run.dir == folder
    finish_output(keep=True)


def test_run_dir_names_the_folder_of_a_sweep_and_each_job_is_told_so() -> None:
    config = composed(run_dir="Dad's runs")
    OutputFolder().on_multirun_start(config)
    assert config.hydra.sweep.dir == "Dad's runs"
    assert config.hydra.overrides.hydra == [r"hydra.sweep.dir='Dad\'s runs'"]
    finish_output(keep=True)


@pytest.mark.parametrize(("start", "folder"), [("on_run_start", "run"), ("on_multirun_start", "sweep")])
def test_commands_of_the_same_second_get_a_folder_each(start: str, folder: str) -> None:
    folders = []
    for _ in range(3):
        config = composed()
        getattr(OutputFolder(), start)(config)
        folders.append(config.hydra[folder].dir)
    assert folders == [composed().hydra[folder].dir + number for number in ("", "-1", "-2")]
    assert all(Path(each).is_dir() for each in folders)
    finish_output(keep=False)
    assert not any(Path(each).exists() for each in folders)


@pytest.mark.parametrize(("start", "folder"), [("on_run_start", "run"), ("on_multirun_start", "sweep")])
def test_the_home_folder_in_a_file_of_settings(start: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path.cwd() / "home"))
    config = composed()
    config.hydra[folder].dir = "~/runs"
    getattr(OutputFolder(), start)(config)
    assert config.hydra[folder].dir == str(Path.cwd() / "home" / "runs")
    finish_output(keep=False)
    assert list(Path().iterdir()) == []


def holding(folder: str, *names: str) -> None:
    Path(folder).mkdir()
    for name in names:
        (Path(folder) / name).write_text("{}")


@pytest.mark.parametrize(
    ("start", "settings", "overrides", "message"),
    [
        ("on_run_start", {"run_dir": "run"}, [], "run_dir=run: already holds a run; name another folder"),
        ("on_run_start", {}, ["hydra.run.dir=run"], "hydra.run.dir=run: already holds a run; name another folder"),
        ("on_run_start", {"run_dir": "file"}, [], "run_dir=file: is not a folder; name another one"),
        ("on_run_start", {"run_dir": "link"}, [], "run_dir=link: is not a folder; name another one"),
        ("on_run_start", {"resume": "run"}, [], "run_dir=run: another run is using it"),
        ("on_run_start", {"resume": "auto", "run_dir": "run"}, [], "run_dir=run: another run is using it"),
        ("on_multirun_start", {"run_dir": "sweep"}, [], "run_dir=sweep: already holds a sweep; name another folder"),
        ("on_multirun_start", {}, ["hydra.sweep.dir=sweep"], "hydra.sweep.dir=sweep: already holds a sweep"),
        ("on_multirun_start", {"run_dir": "run"}, [], "run_dir=run: already holds a run"),
        ("on_multirun_start", {"run_dir": "file"}, [], "run_dir=file: is not a folder"),
        ("on_run_start", {"run_dir": "file/run"}, [], r"file/run: the output folder .* \(Not a directory\)"),
        ("on_run_start", {"run_dir": "link/run"}, [], r"link: the output folder .* \(File exists\)"),
        ("on_run_start", {}, ["hydra.run.dir=file"], "hydra.run.dir=file: is not a folder"),
        ("on_multirun_start", {"run_dir": "file/run"}, [], r"file/run: the output folder .* \(Not a directory\)"),
        ("on_multirun_start", {"run_dir": "a" * 300}, [], r"the output folder .* \(File name too long\)"),
        ("on_run_start", {"job": {"chdir": True}}, [], "hydra.job.chdir=true: is not supported: paths are relative"),
    ],
)
def test_a_folder_that_is_taken_is_refused_before_anything_is_written(
    start: str, settings: dict[str, Any], overrides: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    holding("run", "config.yaml")
    holding("sweep", "multirun.yaml")
    Path("file").touch()
    Path("link").symlink_to("nowhere")
    was = contents(Path())
    config = composed(*overrides, **{key: value for key, value in settings.items() if key != "job"})
    config.hydra.job.update(settings.get("job", {}))
    for override in overrides:
        OmegaConf.update(config, *override.split("="))
    with run_lock(Path("run")) if "resume" in settings else contextlib.nullcontext(), pytest.raises(SystemExit) as end:
        getattr(OutputFolder(), start)(config)
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(message, line), line
    assert contents(Path()) == was


def test_a_sweep_may_resume_in_its_folder() -> None:
    holding("sweep", "multirun.yaml")
    config = composed(run_dir="sweep", resume="auto")
    OutputFolder().on_multirun_start(config)
    assert config.hydra.sweep.dir == "sweep"
    finish_output(keep=True)


@pytest.mark.parametrize("keep", [True, False])
def test_a_command_that_wrote_nothing_leaves_nothing(keep: bool) -> None:
    OutputFolder().on_run_start(composed(run_dir="a/b"))
    let_hydra_write(Path("a/b"))
    finish_output(keep=keep)
    assert Path("a").exists() == keep
    finish_output(keep=False)
    assert Path("a").exists() == keep  # a later command does not remove what an earlier one left


def test_a_refused_job_is_discarded_at_once() -> None:
    OutputFolder().on_run_start(composed(run_dir="a/b"))
    let_hydra_write(Path("a/b"))
    discard_output(Path("a/b"))
    assert not Path("a").exists()
    finish_output(keep=True)


def launched(config: DictConfig, monkeypatch: pytest.MonkeyPatch, **variables: str) -> DictConfig:
    monkeypatch.setattr(os, "environ", {**os.environ, **variables})
    config.trainer = {"accelerator": "cpu", "devices": 2}
    OutputFolder().on_run_start(config)
    let_hydra_write(Path(config.hydra.run.dir))
    finish_output(keep=False)
    assert Path(config.hydra.run.dir).exists()
    return config


def test_launched_processes_leave_the_folder_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"LOCAL_RANK": "1", FIRST_PROCESS: str(os.getppid())}
    config = launched(composed(run_dir="mine"), monkeypatch, **variables)
    assert config.hydra.run.dir == "outputs/1"  # of the command line that the first gave it


@pytest.mark.parametrize(("settings", "folder"), [({}, "outputs"), ({"run_dir": "mine"}, "mine")])
def test_processes_of_torchrun_write_nothing_but_the_first(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], folder: str
) -> None:
    variables = {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1"}
    config = launched(composed(**settings), monkeypatch, **variables)
    assert (config.hydra.run.dir, config.hydra.output_subdir) == (folder, None)

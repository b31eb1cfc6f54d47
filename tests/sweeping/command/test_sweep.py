"""A whole sweep of tiny runs."""

import logging
from pathlib import Path

import pytest

from halo.config import SweepConfig, parse
from halo.config.launcher import SlurmLauncherConfig
from halo.runtime.errors import InputError
from halo.sweeping.command import sweep
from halo.sweeping.command.sweep import run_sweep
from halo.sweeping.search_space import parse_search_space
from tests.conftest import compose_config


def config_of(*settings: str) -> SweepConfig:
    return parse(compose_config("sweep", [*settings]), SweepConfig)


def test_a_grid_says_how_many_trials_it_makes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    grid = ["search_space=learning_rate", "sampler=grid"]
    for number, expected in (("num_trials=20", 5), ("num_trials=3", 3)):
        config = config_of(*grid, number)
        parameters = parse_search_space(config.search_space.parameters)
        assert sweep._num_trials(config, parameters) == expected
    assert caplog.messages == [
        "The grid has 5 combinations: 5 trials",
        "The grid has 5 combinations; num_trials=3 tries some of them",
    ]


def test_seeds_cannot_be_pruned(tmp_path: Path) -> None:
    config = config_of("overrides=['seeds=2']", f"sweep_dir={tmp_path / 'sweep'}")
    with pytest.raises(InputError, match="seeds=2: add pruner=none"):
        run_sweep(config, [], study="s", config_dir=None)
    assert not (tmp_path / "sweep").exists()


def test_workers_elsewhere_join_a_study_that_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def launch(launcher: object, arguments: list[str], **named: object) -> bool:
        assert (tmp_path / "sweep" / "sweep.yaml").is_file()
        seen.append((type(launcher), arguments, named))
        return False

    monkeypatch.setattr(sweep, "launch_workers", launch)
    monkeypatch.setattr(sweep, "require_launcher", lambda _: None)
    monkeypatch.setattr(sweep, "_prepare_text", lambda _: None)
    monkeypatch.setattr(sweep, "summarise", lambda *_: pytest.fail("there are no results yet"))
    config = config_of("launcher=slurm", "workers=8", f"sweep_dir={tmp_path / 'sweep'}")
    run_sweep(config, ["study=s"], study="s", config_dir=None)
    named = {"workers": 8, "study": "s", "folder": tmp_path / "sweep"}
    assert seen == [(SlurmLauncherConfig, ["study=s"], named)]


def test_a_password_is_not_written_to_the_files_of_a_job(tmp_path: Path) -> None:
    storage = "storage='postgresql://ada:secret@127.0.0.1:1/sweeps'"
    config = config_of("launcher=slurm", storage, f"sweep_dir={tmp_path / 'sweep'}")
    with pytest.raises(InputError) as refused:
        run_sweep(config, [], study="s", config_dir=None)
    expected = "launcher=slurm writes it to files; leave the password to ~/.pgpass or PGPASSWORD"
    assert str(refused.value) == f"storage=postgresql://ada:***@127.0.0.1:1/sweeps: {expected}"
    assert not (tmp_path / "sweep").exists()

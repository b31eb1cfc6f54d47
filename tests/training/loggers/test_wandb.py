"""W&B writes into the run folder only, and never asks for a login."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.training.loggers.wandb import RunWandbLogger
from tests.conftest import EXHAUSTIVE

LOGS = """
import os, sys
from halo.training.loggers.wandb import RunWandbLogger
for start in range(2):
    logger = RunWandbLogger("run", offline=True, project="halo")
    if start:
        logger.resume()
    logger.log_hyperparams({"optim": {"lr": 0.125}})
    logger.log_metrics({"val/nll": 4.5}, 3 + start)
    print("this is printed")
    logger.finish(has_failed=False)
"""


@EXHAUSTIVE
def test_offline_logs_are_in_the_run_folder_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB", "XDG"))}
    environment |= {"HOME": str(tmp_path / "home"), "MPLCONFIGDIR": str(tmp_path / "matplotlib")}
    done = subprocess.run(
        [sys.executable, "-c", LOGS], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "this is printed\n" * 2
    assert done.stderr == ""
    assert not any((tmp_path / "home").rglob("*"))
    assert {path.name for path in tmp_path.iterdir()} <= {"home", "matplotlib", "run"}
    first, second = sorted((tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb"))
    assert first.name == second.name  # one run of W&B, in two parts
    logged = first.read_bytes()
    assert all(text in logged for text in (b"val/nll", b"0.125"))
    assert not any(text in logged for text in (b"this is printed", b"wandb-metadata", b"requirements.txt"))


@pytest.mark.exhaustive
def test_without_an_api_key_the_run_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [each for each in os.environ if each.startswith("WANDB")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with pytest.raises(InputError, match=r"^logger\.wandb: no API key; set WANDB_API_KEY or .*offline=true") as error:
        RunWandbLogger(str(tmp_path / "run"))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(InputError, match=r"^logger=wandb needs .* pip install 'semblance-halo\[wandb\]'"):
        RunWandbLogger(str(tmp_path), offline=True)

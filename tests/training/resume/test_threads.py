"""A resumed run computes with the number of threads that it was started with, unless the user asks for another."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from halo.runtime import threads
from halo.training.resume import threads as resume_threads
from halo.training.resume.restore import ResumeSource
from halo.training.resume.threads import set_threads


@pytest.fixture(autouse=True)
def restored_number() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def resumed(number: int, processes: int = 1) -> ResumeSource:
    return ResumeSource(Path("resume-00000020.ckpt"), 20, 0, "text", processes=processes, threads=number)


@pytest.mark.parametrize(
    ("source", "variables", "processes", "number", "message"),
    [
        (None, {}, 1, 1, ""),
        (resumed(1), {}, 1, 1, ""),
        (resumed(2), {}, 1, 2, ""),
        (resumed(3), {}, 1, 3, "Resuming with 3 threads, as the run was started, on 2 cores; OMP_NUM_THREADS=2"),
        (resumed(2), {"OMP_NUM_THREADS": "1"}, 1, 1, "OMP_NUM_THREADS=1: the run was started with 2 threads; its fig"),
        (resumed(2), {"MKL_NUM_THREADS": "1"}, 1, 1, "MKL_NUM_THREADS=1: the run was started with 2 threads; its fig"),
        (resumed(1), {"OMP_NUM_THREADS": "1"}, 1, 1, ""),
        (resumed(2, processes=2), {}, 1, 1, ""),  # the run changes anyway
        (resumed(2, processes=2), {}, 2, 2, ""),
    ],
)
def test_the_number_of_threads(
    *,
    source: ResumeSource | None,
    variables: dict[str, str],
    processes: int,
    number: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    torch.set_num_threads(1)
    environment = dict(variables)
    for module in (threads, resume_threads):
        monkeypatch.setattr(module, "os", SimpleNamespace(environ=environment))
    monkeypatch.setattr(threads, "_chosen", {})
    monkeypatch.setattr(resume_threads, "num_cores", lambda: 2)
    set_threads(source, processes=processes)
    assert torch.get_num_threads() == number
    assert message in caplog.text
    assert len(caplog.messages) == bool(message)
    assert environment == variables | ({"OMP_NUM_THREADS": str(number)} if processes > 1 else {})


RESUMED_BIT_FOR_BIT = """
import os, sys
from pathlib import Path
import torch
from halo.config import TrainConfig, parse
from halo.training.resume.checkpoint_files import find_resume_checkpoints
from halo.training.resume.restore import ResumeSource
from halo.training.resume.resume_checkpoints import ResumeCheckpoints
from halo.training.resume.threads import set_threads
from tests.conftest import compose_config
from tests.support.fitting import fit_module

del os.environ["OMP_NUM_THREADS"]  # tests/conftest.py sets it
folder = Path(sys.argv[1])
config = parse(compose_config("train", [*sys.argv[2:], f"run_dir={folder}"]), TrainConfig)
short = {"max_epochs": 1, "limit_train_batches": 4, "limit_val_batches": 0}

def weights(callback, **options):
    return fit_module(config, callback, **short, **options).module.state_dict()

torch.set_num_threads(2)
whole = weights(ResumeCheckpoints(str(folder), 2, None))
(checkpoint,) = find_resume_checkpoints(folder)
saved = torch.load(checkpoint.file, weights_only=True)["resume"]
torch.set_num_threads(1)
set_threads(ResumeSource(*checkpoint, 0, "text", len(saved["processes"]), saved["threads"]), processes=1)
resumed = weights(ResumeCheckpoints(str(folder / "resumed"), None, None), checkpoint=checkpoint.file)
print(torch.get_num_threads(), all(torch.equal(whole[name], resumed[name]) for name in whole))
"""


@pytest.mark.exhaustive
def test_a_run_of_two_threads_resumes_bit_for_bit_where_torch_would_use_one(tiny: list[str], tmp_path: Path) -> None:
    settings = [*tiny, "model.hidden=128", "model.embedding=128", f"data.cache_dir={tmp_path / 'cache'}"]
    done = subprocess.run(
        [sys.executable, "-c", RESUMED_BIT_FOR_BIT, str(tmp_path), *settings],
        env={**os.environ, "GOMP_SPINCOUNT": "0"},  # on a busy machine threads that spin would take minutes
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "2 True"

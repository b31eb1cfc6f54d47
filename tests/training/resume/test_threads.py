"""A resumed run computes with the number of threads that it was started with, unless the user asks for another."""

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

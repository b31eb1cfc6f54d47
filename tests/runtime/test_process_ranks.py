"""One of the processes of a command speaks for all."""

import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from halo.runtime.process_ranks import FIRST_PROCESS, is_first_process, is_first_to_fail, is_launched_by_first_process
from tests.support.launching import environment_of


@pytest.mark.parametrize(
    ("variables", "is_first"),
    [
        ({}, True),
        ({"LOCAL_RANK": "1"}, False),
        ({"NODE_RANK": "1"}, False),
        ({"SLURM_PROCID": "1"}, False),
        ({"SLURM_PROCID": "0", "RANK": ""}, True),
        # srun has started torchrun on two machines, and the second one hosts the first process
        ({"TORCHELASTIC_RUN_ID": "1", "SLURM_PROCID": "1", "RANK": "0", "LOCAL_RANK": "0"}, True),
        ({"TORCHELASTIC_RUN_ID": "1", "SLURM_PROCID": "0", "RANK": "2", "LOCAL_RANK": "0"}, False),
    ],
)
def test_the_first_process_speaks(variables: dict[str, str], is_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", environment_of(variables))
    assert is_first_process() == is_first


def test_a_process_that_the_first_one_launched_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_of({"LOCAL_RANK": "1", FIRST_PROCESS: str(os.getppid())})
    monkeypatch.setattr(os, "environ", environment)
    assert is_launched_by_first_process()
    environment[FIRST_PROCESS] = str(os.getpid())  # started by torchrun, as every rank
    assert not is_launched_by_first_process()
    environment[FIRST_PROCESS] = str(os.getppid())
    del environment["LOCAL_RANK"]  # a command that a callback of the first process starts
    assert not is_launched_by_first_process()


class Store:
    def __init__(self) -> None:
        self.value = ""

    def set_timeout(self, timeout: object) -> None:
        pass

    def compare_set(self, key: str, expected: str, desired: str) -> bytes:
        self.value = self.value or desired
        return self.value.encode()


class LostStore(Store):
    def compare_set(self, key: str, expected: str, desired: str) -> bytes:
        raise RuntimeError("Broken pipe")


def test_of_connected_processes_the_first_to_fail_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(rank: int, store: Store) -> Any:
        c10d = SimpleNamespace(_get_default_store=lambda: store)
        return SimpleNamespace(
            is_available=lambda: True, is_initialized=lambda: True, get_rank=lambda: rank, distributed_c10d=c10d
        )

    def reports(rank: int, store: Store, **variables: str) -> bool:
        monkeypatch.setattr(os, "environ", environment_of(variables))
        monkeypatch.setitem(sys.modules, "torch.distributed", connected(rank, store))
        return is_first_to_fail()

    store = Store()
    assert reports(3, store, RANK="3")
    assert not reports(0, store, RANK="0")
    assert reports(3, store, RANK="3")
    assert reports(2, LostStore(), RANK="2", LOCAL_RANK="0")  # the machine of the first process is gone
    assert not reports(3, LostStore(), RANK="3", LOCAL_RANK="1")

"""Processes that are about to train compare what they were started with."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest
import torch
import torch.distributed as dist

from halo.distributed import connection
from halo.distributed.connection import _compare, _description, _difference, connect, reported_to_first
from halo.runtime.errors import InputError, UnreachableError
from tests.support.launching import environment_of

distributed: Any = dist  # does not export its stores by name
CPU = torch.device("cpu")
FIRST = {"host": "a", "device": "cpu", "torch": "2.13", "source of halo": "1f", "settings": {"seed": "1"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, ""),
        ({"host": "b"}, ""),
        ({"settings": {"seed": "2"}}, "seed: 1 in process 0 on a, 2 in process 3 on a; start the same command"),
        ({"settings": {}}, "seed: 1 in process 0 on a, not set in process 3 on a"),
        ({"torch": "2.11"}, "torch: 2.13 in process 0 on a, 2.11 in process 3 on a; install the same version"),
        ({"source of halo": "2e"}, "source of halo: 1f in process 0 on a, 2e in"),
        ({"device": "cuda"}, "trainer.accelerator: process 0 on a computes on cpu, process 3 on a on cuda; use"),
        ({"host": "b", "error": "data.path=x: no such file"}, "process 3 on b: data.path=x: no such file"),
    ],
)
def test_a_difference_is_one_line(change: dict[str, Any], message: str) -> None:
    found = _difference(FIRST, {**FIRST, **change}, 3)
    assert found.startswith(message)
    assert bool(found) == bool(message)


def test_folders_of_the_machine_may_differ() -> None:
    def described(run_dir: str, cache: str) -> dict[str, Any]:
        settings = {"run_dir": run_dir, "data": {"cache_dir": cache}, "logger": {"dir": f"{run_dir}/csv"}, "seed": 1}
        return _description(settings, CPU)

    one, other = described("outputs/a", "/tmp/a"), described("outputs", "/tmp/b")
    assert one["settings"] == {"seed": "1"}
    assert _difference(one, other, 1) == ""


def test_every_process_hears_of_the_difference() -> None:
    store = distributed.HashStore()
    store.set("halo/process/1", json.dumps({**FIRST, "torch": "2.11"}))
    message = _compare(store, FIRST, rank=0, world_size=2)
    assert message.startswith("torch: 2.13")
    assert _compare(store, FIRST, rank=1, world_size=2) == message


def test_a_machine_that_cannot_be_reached_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "9", "RANK": "1", "WORLD_SIZE": "2"}
    monkeypatch.setattr(os, "environ", environment_of(places))
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", timedelta(seconds=1))
    with pytest.raises(UnreachableError, match=r"^process 1 on .* cannot reach the first process at 127\.0\.0\.1:9"):
        connect({}, rank=1, world_size=2, backend="gloo", device=CPU)


def test_a_process_that_never_comes_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", environment_of({"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}))
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", timedelta(seconds=1))
    with pytest.raises(UnreachableError, match=r"^1 process of 2 did not connect to 127\.0\.0\.1:0 within"):
        connect({}, rank=0, world_size=2, backend="gloo", device=CPU)


def test_gpus_need_nccl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dist, "is_nccl_available", lambda: False)
    with pytest.raises(InputError, match=r"^trainer\.accelerator=gpu: this torch has no NCCL"):
        connect({}, rank=0, world_size=2, backend="nccl", device=CPU)


def test_an_error_of_another_process_reaches_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", environment_of({"RANK": "1", "WORLD_SIZE": "2"}))
    store = distributed.HashStore()
    monkeypatch.setattr(connection, "rendezvous", lambda *_, **__: iter([(store, 1, 2)]))
    with pytest.raises(InputError, match="no GPU"), reported_to_first():
        raise InputError("no GPU here")
    assert _compare(store, FIRST, rank=0, world_size=2).endswith(": no GPU here")

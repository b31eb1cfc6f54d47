"""A process trains alone or as one of several, as the settings and the program that started it say."""

import logging
import os
import socket
from typing import Any

import pytest

from halo.runtime.errors import InputError
from halo.runtime.process_ranks import (
    FIRST_PROCESS,
    NUMBERS,
    is_first_process,
    is_launched_by_first_process,
    num_devices,
    settle_ranks,
)

ONE: dict[str, Any] = {"accelerator": "cpu", "devices": 1, "num_nodes": 1}
TWO: dict[str, Any] = {**ONE, "devices": 2}
SRUN = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4", "SLURM_PROCID": "1", "SLURM_LOCALID": "1", "SLURM_JOB_NAME": "sweep"}
TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1", "MASTER_PORT": "29500"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    before = {name: value for name, value in os.environ.items() if "SLURM" not in name and name not in NUMBERS}
    for name in ("TORCHELASTIC_RUN_ID", FIRST_PROCESS):
        before.pop(name, None)
    changed: dict[str, str] = before.copy()
    monkeypatch.setattr(os, "environ", changed)
    return changed


@pytest.mark.parametrize(
    ("started_by", "message"),
    [
        ({}, ""),
        (SRUN, "srun has started 4 commands: with trainer.devices=1 each is a run of its own"),
        ({**SRUN, "SLURM_PROCID": "0"}, "srun has started 4 commands: with trainer.devices=1 each is a run of its own"),
        ({**SRUN, "SLURM_JOB_NAME": "bash"}, ""),
        ({**SRUN, "SLURM_NTASKS": "1", "SLURM_PROCID": "0"}, ""),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, "mpirun has started 2 commands"),
        ({"PMI_RANK": "1", "PMI_SIZE": "2"}, "mpirun has started 2 commands"),
        ({"LOCAL_RANK": "1"}, "LOCAL_RANK=1 in the environment is ignored: no other process was started with this one"),
        ({"RANK": "3", "LOCAL_RANK": "1"}, "RANK=3, LOCAL_RANK=1 in the environment is ignored"),
        ({"LOCAL_RANK": "0"}, ""),
        ({"WORLD_SIZE": "2"}, ""),
        ({"NODE_RANK": "1"}, ""),
        ({**TORCHRUN, "WORLD_SIZE": "1", "RANK": "0", "LOCAL_RANK": "0"}, ""),
    ],
)
def test_with_one_device_a_process_trains_alone(
    environment: dict[str, str], started_by: dict[str, str], message: str, caplog: pytest.LogCaptureFixture
) -> None:
    environment.update(started_by)
    before = is_first_process()
    with caplog.at_level(logging.INFO):
        settle_ranks(ONE)
    assert is_first_process()
    assert not {"LOCAL_RANK", "RANK", "SLURM_PROCID", "SLURM_NTASKS", "NODE_RANK"} & environment.keys()
    says_so = message and (before or "srun" not in message)  # of four tasks, the first says it
    assert (message in caplog.text) if says_so else not caplog.messages


@pytest.mark.parametrize(
    ("started_by", "is_first"),
    [
        ({}, True),
        (TORCHRUN, False),
        ({**TORCHRUN, "RANK": "0", "LOCAL_RANK": "0"}, True),
        ({**SRUN, "SLURM_NTASKS": "2"}, False),
        ({**SRUN, "SLURM_NTASKS": "2", "SLURM_PROCID": "0", "SLURM_LOCALID": "0"}, True),
        ({**SRUN, "SLURM_NTASKS": "1", "SLURM_PROCID": "0"}, True),
        ({**SRUN, "SLURM_JOB_NAME": "interactive"}, True),
        ({"LOCAL_RANK": "1"}, True),  # left over
        ({"LOCAL_RANK": "1", "MASTER_PORT": "29500"}, False),  # started by hand
    ],
)
def test_with_two_devices_a_process_is_what_its_launcher_says(
    environment: dict[str, str], started_by: dict[str, str], is_first: bool
) -> None:
    environment.update(started_by)
    settle_ranks(TWO)
    assert is_first_process() == is_first
    if "SLURM_PROCID" in environment:
        assert environment["SLURM_NTASKS_PER_NODE"] == "2"  # without it Lightning refuses


@pytest.mark.parametrize(
    ("trainer", "started_by", "message"),
    [
        (ONE, {"LOCAL_RANK": "abc"}, "LOCAL_RANK=abc: must be a whole number, as launchers"),
        (ONE, {"SLURM_NTASKS": ""}, "SLURM_NTASKS=: must be a whole number"),
        (ONE, {"WORLD_SIZE": "-1"}, "WORLD_SIZE=-1: must be a whole number"),
        (ONE, {"MASTER_PORT": "1e4"}, "MASTER_PORT=1e4: must be a whole number"),
        (TWO, {"OMPI_COMM_WORLD_RANK": "?"}, r"OMPI_COMM_WORLD_RANK=\?: must be a whole number"),
        (ONE, TORCHRUN, "trainer.devices=1: torchrun has started 2 processes; set trainer.devices=2, or start"),
        ({**TWO, "devices": 3}, TORCHRUN, "devices=3 .*: torchrun has started 2 processes; set trainer.devices=2, or"),
        (TWO, SRUN, "trainer.devices=2 trainer.num_nodes=1: srun has started 4 processes; set trainer.devices=4, or"),
        ({**TWO, "num_nodes": 3}, SRUN, "srun has started 4 processes; set other values, or start 6"),
        (TWO, {"PMI_RANK": "1", "PMI_SIZE": "2"}, "mpirun cannot start the processes of a run; use torchrun or srun"),
        (
            {**ONE, "num_nodes": 2},
            {},
            r"num_nodes=2: the other machines are not known; .* set NODE_RANK, MASTER_ADDR, ",
        ),
        ({**TWO, "num_nodes": 2}, {"NODE_RANK": "0", "MASTER_ADDR": "a"}, "set MASTER_PORT in the environment"),
        (TWO, {"MASTER_PORT": "99999"}, "MASTER_PORT=99999: this port cannot be used"),
    ],
)
def test_what_would_wait_forever_is_refused(
    environment: dict[str, str], trainer: dict[str, Any], started_by: dict[str, str], message: str
) -> None:
    environment.update(started_by)
    with pytest.raises(InputError, match=message) as caught:
        settle_ranks(trainer)
    assert "\n" not in str(caught.value)


def test_a_port_in_use_is_refused(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        environment["MASTER_PORT"] = str(other.getsockname()[1])
        with pytest.raises(InputError, match=r"MASTER_PORT=\d+: this port cannot be used \(Address already in use\)"):
            settle_ranks(TWO)
        settle_ranks(ONE)  # does not need it


def test_a_process_that_the_first_one_launched_is_one_of_several(environment: dict[str, str]) -> None:
    environment.update({"LOCAL_RANK": "1", FIRST_PROCESS: str(os.getppid())})
    assert is_launched_by_first_process()
    settle_ranks(TWO)
    assert not is_first_process()
    del environment["LOCAL_RANK"]  # a command that a callback of the first process starts
    assert not is_launched_by_first_process()


def test_a_later_run_of_the_same_process_keeps_its_ranks(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With several seeds, one process trains several runs; its port is in use, by itself."""
    environment.update({"LOCAL_RANK": "0", "MASTER_PORT": "99999"})
    monkeypatch.setattr("torch.distributed.is_initialized", lambda: True)
    settle_ranks(TWO)
    assert environment["LOCAL_RANK"] == "0"


def test_a_command_that_does_not_train_is_on_its_own(environment: dict[str, str]) -> None:
    environment.update({**SRUN, "LOCAL_RANK": "abc"})
    settle_ranks({})
    assert is_first_process()


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        ({}, 1),
        ({"devices": 3}, 3),
        ({"devices": "2"}, 2),
        ({"devices": [0, 1]}, 2),
        ({"devices": "0,1,3"}, 3),
        ({"devices": "1,"}, 1),
        ({"devices": "auto"}, 1),
        ({"devices": -1}, 1),
        ({"devices": 0}, None),
        ({"devices": []}, None),
        ({"devices": "many"}, None),
    ],
)
def test_devices_are_counted_as_lightning_does(settings: dict[str, Any], number: int | None) -> None:
    assert num_devices({"accelerator": "cpu", **settings}) == number

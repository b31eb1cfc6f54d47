"""A process trains alone or as one of several, as the settings and the program that started it say."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from halo.distributed import settling
from halo.distributed.settling import Places, log_notes, num_devices, settle_command, settle_ranks
from halo.runtime.errors import InputError
from halo.runtime.process_ranks import FIRST_PROCESS, is_first_process
from tests.support.launching import SRUN, SRUN_ON_TWO, TORCHRUN_OF_TWO, environment_of

ANY: dict[str, Any] = {"accelerator": "cpu", "devices": "auto", "num_nodes": "auto"}
ONE: dict[str, Any] = {**ANY, "devices": 1, "num_nodes": 1}
TWO: dict[str, Any] = {**ONE, "devices": 2}
MPI = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    changed = environment_of({})
    monkeypatch.setattr(os, "environ", changed)
    yield changed
    settling._notes.clear()


@pytest.mark.parametrize("trainer", [ONE, ANY])
@pytest.mark.parametrize(
    ("started_by", "note"),
    [
        ({}, ""),
        ({**SRUN, "SLURM_NTASKS": "1", "SLURM_PROCID": "0"}, ""),
        (
            {**SRUN, "SLURM_PROCID": "0", "SLURM_JOB_NAME": "bash"},
            "SLURM has given this job 2 tasks, but srun has not started this command: it trains on this machine only",
        ),
        ({"LOCAL_RANK": "1"}, "LOCAL_RANK=1 in the environment is ignored: no other process was started with this one"),
        ({"RANK": "3", "LOCAL_RANK": "1"}, "RANK=3, LOCAL_RANK=1 in the environment is ignored"),
        ({"LOCAL_RANK": "0"}, ""),
        ({"WORLD_SIZE": "2"}, ""),
        ({"NODE_RANK": "1"}, ""),
        ({**SRUN, "HALO_TRIAL": "study"}, ""),  # of a worker that srun has started
    ],
)
def test_a_process_trains_alone(
    environment: dict[str, str],
    trainer: dict[str, Any],
    started_by: dict[str, str],
    note: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    environment.update(started_by)
    places = settle_ranks(trainer)
    log_notes()
    assert num_devices({**trainer, **places._asdict()}) == places.num_nodes == 1
    assert is_first_process()
    assert not {"LOCAL_RANK", "RANK", "SLURM_PROCID", "SLURM_NTASKS", "NODE_RANK"} & environment.keys()
    assert (note in caplog.text) if note else not caplog.messages


@pytest.mark.parametrize("trainer", [TWO, ANY, {**ANY, "devices": -1}])
@pytest.mark.parametrize(
    ("started_by", "is_first"),
    [
        (TORCHRUN_OF_TWO, False),
        ({**TORCHRUN_OF_TWO, "RANK": "0", "LOCAL_RANK": "0"}, True),
        (SRUN, False),
        ({**SRUN, "SLURM_PROCID": "0", "SLURM_LOCALID": "0"}, True),
    ],
)
def test_a_process_is_what_its_launcher_says(
    environment: dict[str, str], trainer: dict[str, Any], started_by: dict[str, str], is_first: bool
) -> None:
    environment.update(started_by)
    assert settle_ranks(trainer) == Places(2, 1)
    assert is_first_process() == is_first
    assert settle_ranks(trainer) == Places(2, 1)  # again, when the Trainer is made


@pytest.mark.parametrize(
    ("started_by", "is_first"),
    [({}, True), ({"LOCAL_RANK": "1"}, True), ({"LOCAL_RANK": "1", "MASTER_PORT": "29500"}, False)],
)
def test_without_a_launcher_two_devices_are_as_the_environment_says(
    environment: dict[str, str], started_by: dict[str, str], is_first: bool
) -> None:
    environment.update(started_by)  # a variable that is left over, or a process that was started by hand
    assert settle_ranks(TWO) == Places(2, 1)
    assert is_first_process() == is_first


def test_a_job_of_slurm_gives_its_machines(environment: dict[str, str]) -> None:
    environment.update(SRUN_ON_TWO)
    assert settle_ranks({**ANY, "num_nodes": "slurm"}) == Places(2, 2)
    assert environment["RANK"] == "3"


def test_one_task_on_a_machine_of_several_gpus_launches_the_others(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.update({**SRUN, "SLURM_NTASKS": "1", "SLURM_PROCID": "0"})
    monkeypatch.setattr(settling, "_num_gpus", lambda: 4)
    assert settle_ranks({**ANY, "accelerator": "gpu", "num_nodes": "slurm"}) == Places("auto", 1)


@pytest.mark.parametrize(
    ("trainer", "started_by", "message"),
    [
        (ONE, {"LOCAL_RANK": "abc"}, "LOCAL_RANK=abc: must be a whole number, as launchers"),
        (ONE, {"SLURM_NTASKS": ""}, "SLURM_NTASKS=: must be a whole number"),
        (ONE, {"WORLD_SIZE": "-1"}, "WORLD_SIZE=-1: must be a whole number"),
        (ONE, {"MASTER_PORT": "1e4"}, "MASTER_PORT=1e4: must be a whole number"),
        (TWO, {"OMPI_COMM_WORLD_RANK": "?"}, r"OMPI_COMM_WORLD_RANK=\?: must be a whole number"),
        (ONE, TORCHRUN_OF_TWO, "devices=1 trainer.num_nodes=1: torchrun has started 2 processes; set both to auto, or"),
        (ONE, SRUN, "srun has started 2 processes; set both to auto, or start 1 on 1 machine$"),
        ({**TWO, "devices": [0, 1, 2]}, SRUN, "devices=3 .*: srun has started 2 processes; .* or start 3 on 1 machine"),
        (TWO, SRUN_ON_TWO, "num_nodes=1: srun has started 4 processes on 2 machines; set both to auto, or start 2 on"),
        ({**TWO, "num_nodes": 3}, SRUN, "srun has started 2 processes; .* start 2 on each of 3 machines"),
        (TWO, MPI, "mpirun has started 2 processes, and cannot start those of a run; use torchrun or srun"),
        (
            {**ONE, "num_nodes": 2},
            {},
            r"num_nodes=2: the other machines are not known; .* set NODE_RANK, MASTER_ADDR, ",
        ),
        ({**TWO, "num_nodes": 2}, {"NODE_RANK": "0", "MASTER_ADDR": "a"}, "set MASTER_PORT in the environment"),
        (TWO, {"MASTER_PORT": "99999"}, "MASTER_PORT=99999: this port cannot be used"),
        ({**ANY, "num_nodes": "slurm"}, {}, "num_nodes=slurm: this is not a job of SLURM"),
        ({**ANY, "num_nodes": 0}, {}, "num_nodes=0: must be the number of machines, at least 1; auto:"),
        ({**ANY, "num_nodes": "two"}, {}, "num_nodes=two: must be the number of machines"),
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
    assert settle_ranks({**TWO, "num_nodes": "auto"}) == Places(2, 1)
    assert not is_first_process()


def test_a_later_run_of_the_same_process_keeps_its_ranks(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With several seeds, one process trains several runs; its port is in use, by itself."""
    environment.update({"LOCAL_RANK": "0", "MASTER_PORT": "99999"})
    monkeypatch.setattr(settling, "process_group", object)
    settle_ranks(TWO)
    assert environment["LOCAL_RANK"] == "0"


@pytest.mark.parametrize(
    ("name", "works", "note"),
    [
        ("evaluate", [True, False], "srun has started 2 processes: halo evaluate works in the first; the others end"),
        ("prepare", [True, True], "halo prepare works in each, and the first reports"),
        ("sweep", [True, True], ""),
    ],
)
def test_a_command_that_does_not_train_speaks_once(
    environment: dict[str, str], name: str, works: list[bool], note: str, caplog: pytest.LogCaptureFixture
) -> None:
    for rank, expected in enumerate(works):
        environment.update({**SRUN, "SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank)})
        assert settle_command(name) == expected
        assert is_first_process() == (rank == 0 or name == "sweep")
    log_notes()
    assert caplog.text.count("processes") == bool(note)
    assert note in caplog.text


def test_a_command_that_does_not_train_ignores_what_is_left_over(environment: dict[str, str]) -> None:
    environment.update({"LOCAL_RANK": "abc"})
    assert settle_command("evaluate")
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

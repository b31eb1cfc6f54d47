"""Who has started a process together with others."""

import os

import pytest

from halo.distributed.launchers import Launcher, launcher, slurm_tasks, tasks_per_node, use_variables_of_torch
from halo.runtime.errors import InputError
from tests.support.launching import SRUN, SRUN_ON_TWO, TORCHRUN_OF_TWO, environment_of

PTY = {**SRUN, "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_STEP_ID": "0", "SLURM_PTY_PORT": "4000"}


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, None),
        (TORCHRUN_OF_TWO, Launcher("torchrun", 2)),
        ({**TORCHRUN_OF_TWO, "WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "2"}, Launcher("torchrun", 4, 2)),
        ({**SRUN, **TORCHRUN_OF_TWO}, Launcher("torchrun", 2)),  # srun has started torchrun
        (SRUN, Launcher("srun", 2)),
        (SRUN_ON_TWO, Launcher("srun", 4, 2)),
        ({**SRUN_ON_TWO, "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NUM_NODES": "1"}, Launcher("srun", 2)),
        ({"SLURM_JOB_ID": "7", "SLURM_NTASKS": "2", "SLURM_JOB_NAME": "interactive"}, None),  # the shell of salloc
        ({**SRUN, "SLURM_JOB_NAME": "bash"}, None),
        ({**SRUN, "SLURM_JOB_NAME": "interactive", "SLURM_STEP_ID": "0"}, Launcher("srun", 2)),  # srun in this shell
        ({**SRUN, "SLURM_PROCID": "0", "SLURM_STEP_ID": "4294967290"}, None),  # use_interactive_step
        ({**SRUN, "SLURM_PROCID": "0", "ENVIRONMENT": "BATCH"}, None),  # a script of sbatch, without srun
        ({**SRUN, "SLURM_PROCID": "0", "ENVIRONMENT": "BATCH", "SLURM_STEP_ID": "0"}, Launcher("srun", 2)),
        (PTY, None),  # srun --pty bash
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, Launcher("mpirun", 2)),
        ({**SRUN, "PMI_RANK": "1", "PMI_SIZE": "2"}, Launcher("srun", 2)),  # srun --mpi=pmi2
    ],
)
def test_a_launcher_is_found(
    variables: dict[str, str], found: Launcher | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", environment_of(variables))
    assert launcher() == found
    assert slurm_tasks() == (found.num_processes if found and found.name == "srun" else slurm_tasks())


def test_the_variables_of_srun_become_those_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_of(SRUN_ON_TWO)
    monkeypatch.setattr(os, "environ", environment)
    started = launcher()
    assert started is not None
    use_variables_of_torch(started)
    expected = {"RANK": "3", "LOCAL_RANK": "1", "NODE_RANK": "1", "WORLD_SIZE": "4", "MASTER_ADDR": "node07"}
    assert {name: environment[name] for name in expected} == expected
    assert environment["MASTER_PORT"] == "20072"  # of job 7, step 2
    assert environment["SLURM_JOB_ID"] == "7"  # to requeue it
    assert "SLURM_PROCID" not in environment
    assert launcher() == started


def test_the_users_address_and_port_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_of({**SRUN, "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "1234"})
    monkeypatch.setattr(os, "environ", environment)
    use_variables_of_torch(Launcher("srun", 2))
    assert (environment["MASTER_ADDR"], environment["MASTER_PORT"]) == ("10.0.0.1", "1234")


@pytest.mark.parametrize(
    ("started", "variables"),
    [
        (Launcher("srun", 3, 2), {}),
        (Launcher("srun", 4, 2), {"SLURM_TASKS_PER_NODE": "3,1"}),
        (Launcher("torchrun", 4, 2), {"LOCAL_WORLD_SIZE": "3"}),
    ],
)
def test_machines_with_different_numbers_of_processes_are_refused(
    started: Launcher, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", environment_of(variables))
    with pytest.raises(InputError, match="on 2 machines: each machine needs the same number"):
        tasks_per_node(started)


def test_a_job_without_a_list_of_machines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", environment_of({**SRUN_ON_TWO, "SLURM_JOB_NODELIST": ""}))
    with pytest.raises(InputError, match=r"SLURM_JOB_NODELIST is not set: .* set MASTER_ADDR"):
        use_variables_of_torch(Launcher("srun", 4, 2))

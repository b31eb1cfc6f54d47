"""The environment variables with which launchers start processes."""

import os
from collections.abc import Mapping

from halo.distributed.launchers import ALONE, NUMBERS
from halo.distributed.settling import TRIAL
from halo.runtime.process_ranks import FIRST_PROCESS, TORCHRUN

SRUN = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "2", "SLURM_PROCID": "1", "SLURM_LOCALID": "1", "SLURM_JOB_NAME": "halo"}
"""Task 1 of `srun --ntasks=2` on one machine."""

SRUN_ON_TWO = {
    **SRUN,
    **{"SLURM_NTASKS": "4", "SLURM_PROCID": "3", "SLURM_NNODES": "2", "SLURM_NODEID": "1", "SLURM_STEP_ID": "2"},
    **{"SLURM_JOB_NODELIST": "node[07-08]", "SLURM_TASKS_PER_NODE": "2(x2)"},
}
"""The last task of `srun --nodes=2 --ntasks-per-node=2`."""

TORCHRUN_OF_TWO = {
    **{TORCHRUN: "none", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GROUP_WORLD_SIZE": "1"},
    **{"RANK": "1", "LOCAL_RANK": "1", "GROUP_RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"},
}
"""Process 1 of `torchrun --nproc-per-node=2`."""


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment with no variables of launchers but these."""
    others = {*ALONE, *NUMBERS, TORCHRUN, FIRST_PROCESS, TRIAL}
    kept = {name: value for name, value in os.environ.items() if "SLURM" not in name and name not in others}
    return {**kept, **variables}

"""Stand-ins for the commands of SLURM, which run the tasks of an array job as processes of this machine."""

import os
import stat
from pathlib import Path

JOB = "4711"

SBATCH = """\
#!/bin/sh
# Runs the script once for each task of its array, in the background, as a cluster would on its nodes.
grep '^#SBATCH' "$1" > "{folder}/options"
if [ -e "{folder}/refuse" ]; then echo "sbatch: error: invalid partition specified: nowhere" >&2; exit 1; fi
script=$1; shift
last=$(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$script")
for task in $(seq 0 "${{last:-0}}"); do
    export SLURM_JOB_ID={job} SLURM_NTASKS=1 SLURM_JOB_NUM_NODES=1 SLURM_PROCID=0 SLURM_JOB_NAME=halo-sweep
    if [ -n "$last" ]; then export SLURM_ARRAY_JOB_ID={job} SLURM_ARRAY_TASK_ID=$task; fi
    (cp "$script" "{folder}/script-$task.sh"; bash "{folder}/script-$task.sh" "$@" > "{folder}/batch-$task" 2>&1) &
done > /dev/null 2>&1
echo "Submitted batch job {job}"
"""

SRUN = """\
#!/bin/sh
# Leaves out its options, and becomes the command.
while [ "$1" != "${1#-}" ]; do case "$1" in --output|--error) shift;; esac; shift; done
echo $$ >> "{folder}/tasks"
exec "$@"
"""

SCONTROL = """\
#!/bin/sh
echo "$@" >> "{folder}/requeued"
"""


def add_slurm_to(folder: Path) -> dict[str, str]:
    """Writes the stand-ins into a folder, and returns the variables with which they are found.

    There, `options` has the options of the last job, `tasks` the process id of each task that was started, and
    `requeued` the arguments of scontrol. Where there is a file `refuse`, sbatch refuses the job.
    """
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name, text in (("sbatch", SBATCH), ("srun", SRUN), ("scontrol", SCONTROL)):
        written = text.replace("{folder}", str(folder)).replace("{job}", JOB).replace("{{", "{").replace("}}", "}")
        (programs / name).write_text(written, encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)
    return {"PATH": f"{programs}:{os.environ['PATH']}"}

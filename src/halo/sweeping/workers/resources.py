"""Which cores and GPUs the trials of one machine get."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from halo.config import TrainConfig
from halo.distributed.settling import num_devices
from halo.runtime.errors import InputError, counted
from halo.runtime.process_pool import num_cores
from halo.runtime.threads import THREADS, users_variable

VISIBLE = "CUDA_VISIBLE_DEVICES"


def environments(config: TrainConfig, workers: int) -> list[dict[str, str]]:
    """Returns the environment variables that each of several trials side by side gets.

    On a CPU each gets its share of the cores as threads, unless the user has set a number; a single worker's trials
    choose for themselves, as runs do. On GPUs each gets as many of its own as its settings ask for.

    Args:
        config: The settings that all trials share.
        workers: How many trials are trained at a time.

    Raises:
        InputError: There are too few GPUs.
    """
    gpus = _gpus() if config.trainer.get("accelerator", "auto") in ("auto", "gpu", "cuda") else []
    if gpus:
        return _with_gpus(config, workers, gpus)
    devices = num_devices({**config.trainer, "accelerator": "cpu"}) or 1
    threads = max(1, num_cores() // (workers * devices))
    variables = {} if workers == 1 or users_variable() is not None else {THREADS: str(threads)}
    return [dict(variables) for _ in range(workers)]


def too_many_workers(config: TrainConfig, workers: int) -> str | None:
    """Returns a warning if more processes would train side by side on the CPU than there are cores; else None."""
    devices = num_devices({**config.trainer, "accelerator": "cpu"}) or 1
    cores = num_cores()
    if _gpus() or workers == 1 or workers * devices <= cores:
        return None
    each = f" of {devices} processes" if devices > 1 else ""
    return f"workers={workers}{each} on {counted(cores, 'core')}: the trials will wait for each other"


def _with_gpus(config: TrainConfig, workers: int, gpus: list[str]) -> list[dict[str, str]]:
    asked = config.trainer.get("devices", 1)
    if workers == 1:
        return [{}]
    per_trial = 1 if asked in ("auto", -1, "-1") else num_devices(config.trainer) or 1
    if workers * per_trial > len(gpus):
        raise InputError(
            f"workers={workers}: trainer.devices={asked} needs {counted(workers * per_trial, 'GPU')} for them, and "
            f"this machine has {len(gpus)}; use workers={max(1, len(gpus) // per_trial)}"
        )
    parts = [gpus[number * per_trial : (number + 1) * per_trial] for number in range(workers)]
    return [{VISIBLE: ",".join(part)} for part in parts]


def _gpus(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Returns the GPUs that this process may use, without importing torch, which takes seconds."""
    if VISIBLE in environment:
        return [each.strip() for each in environment[VISIBLE].split(",") if each.strip() not in ("", "-1")]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    listed = subprocess.run([program, "--list-gpus"], capture_output=True, text=True, check=False)
    return [str(number) for number, _ in enumerate(listed.stdout.splitlines())] if listed.returncode == 0 else []

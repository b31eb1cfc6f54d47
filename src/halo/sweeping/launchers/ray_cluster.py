"""Workers as tasks of a Ray cluster, which places them by the CPUs and GPUs that they need."""

import contextlib
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from halo.config.launcher import RayLauncherConfig
from halo.runtime.errors import InputError, counted, packages_of_extra, reason, require
from halo.sweeping.launchers.worker_process import WorkerProcess

OBJECT_STORE_BYTES = 100 * 2**20  # workers exchange nothing through Ray; its own default is 30 % of the memory
MAX_RETRIES = 10  # of a worker whose machine dies or is taken away
POLL_SECONDS = 1.0
CONNECT_SECONDS = 10
REMEDY = "start one with `ray start --head`, or leave launcher.address out for this machine alone"
log = logging.getLogger(__name__)


def run_workers(config: RayLauncherConfig, arguments: Sequence[str], *, workers: int, folder: Path) -> list[int]:
    """Runs workers on a Ray cluster until all have ended, and returns their exit statuses.

    Ctrl-C, or an exception in a signal handler, stops them; their trials write resume checkpoints first.

    Args:
        config: The settings of the launcher.
        arguments: The arguments of Python with which each worker joins the study: -m halo.sweep and its settings.
        workers: The number of workers.
        folder: The folder for the output of the workers, on a shared disk.

    Raises:
        InputError: The cluster cannot be reached, or no machine of it has what a worker needs.
    """
    with packages_of_extra("ray", purpose="launcher=ray"):
        import ray
    folder.mkdir(parents=True, exist_ok=True)
    with _connected(config):
        _require_room(config, workers)
        place = ray.remote(num_cpus=config.cpus_per_worker, num_gpus=config.gpus_per_worker, max_retries=MAX_RETRIES)
        task = place(run_worker)
        started = [
            task.remote([*arguments], str(Path.cwd()), str(folder.absolute() / f"ray-{number}.log"))
            for number in range(workers)
        ]
        return _wait(started)


def run_worker(arguments: list[str], folder: str, log_file: str) -> int:
    """Runs one worker, and returns its exit status; the function of a Ray task.

    Ray cancels a task with KeyboardInterrupt, at which the worker's trials write resume checkpoints.

    Args:
        arguments: The arguments of Python: -m halo.sweep and its settings.
        folder: The folder in which the sweep was started.
        log_file: The file for what the worker prints.
    """
    with Path(log_file).open("a", encoding="utf-8") as output:
        return WorkerProcess(arguments, Path(folder)).run(output)


def require_cluster(config: RayLauncherConfig) -> None:
    """Raises `InputError` if nothing answers at the address of the cluster, where there is one."""
    address = _address(config)
    if address not in (None, "auto", "local"):
        _require_answer(str(address))


def _address(config: RayLauncherConfig) -> str | None:
    return config.address or os.environ.get("RAY_ADDRESS") or None


@contextlib.contextmanager
def _connected(config: RayLauncherConfig) -> Iterator[None]:
    import ray

    require_cluster(config)
    address = _address(config)
    local: dict[str, Any] = {"object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
    # Without it, an accelerator would be hidden from a worker that asks for none by a warning only.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, **({} if address else local))
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError(f"launcher.address={address}: no Ray cluster answers ({reason(error)}); {REMEDY}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Raises `InputError` if nothing answers at an address; Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    is_address = bool(host) and "/" not in host and port.isdecimal()
    require(is_address, "launcher.address", address, "must be HOST:PORT, such as 10.0.0.1:6379, or auto")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"launcher.address={address}: no Ray cluster answers ({reason(error)}); {REMEDY}") from error


def _require_room(config: RayLauncherConfig, workers: int) -> None:
    """Raises `InputError` if no machine can run a worker, and says how many run at a time if not all do."""
    import ray

    nodes: Any = ray.nodes  # which has no types
    machines = [each.get("Resources", {}) for each in nodes() if each["Alive"]]
    room = sum(_room(each, config) for each in machines)
    needed = f"launcher.cpus_per_worker={config.cpus_per_worker} launcher.gpus_per_worker={config.gpus_per_worker:g}"
    if not room:
        largest = ", ".join(
            f"{max((each.get(kind, 0) for each in machines), default=0):g} {kind}s" for kind in ("CPU", "GPU")
        )
        raise InputError(f"{needed}: no machine of the Ray cluster has so many; the largest ones have {largest}")
    if room < workers:
        log.info("The Ray cluster has room for %s at a time; the others wait", counted(room, "worker"))


def _room(resources: dict[str, float], config: RayLauncherConfig) -> int:
    """Returns how many workers a machine can run at a time."""
    needs = {"CPU": float(config.cpus_per_worker), "GPU": float(config.gpus_per_worker)}
    return min(int(resources.get(kind, 0) / needed) for kind, needed in needs.items() if needed)


def _wait(started: list[Any]) -> list[int]:
    import ray

    waiting = [*started]
    statuses = []
    try:
        while waiting:
            ended, waiting = ray.wait(waiting, timeout=POLL_SECONDS)
            for each in ended:
                statuses.append(_status(each))
                log.info("A worker has ended with status %d; %s left", statuses[-1], counted(len(waiting), "worker"))
    except BaseException:
        for each in waiting:
            ray.cancel(each)
        ray.wait(waiting, num_returns=len(waiting), timeout=None)
        raise
    return statuses


def _status(task: Any) -> int:
    """Returns the exit status of a worker; 1 for one that was lost with its machine, more often than it is retried."""
    import ray

    try:
        return int(ray.get(task))
    except ray.exceptions.RayError as error:
        log.warning("A worker was lost: %s", reason(error))
        return 1

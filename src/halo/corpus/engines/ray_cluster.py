"""Connection to a Ray cluster, or a local one for as long as a text is prepared; checks that its nodes can help."""

import contextlib
import logging
import os
import platform
import re
import socket
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from halo.config import DataConfig
from halo.corpus.engines.ray_engine import RayEngine
from halo.runtime.errors import InputError, counted, packages_of_extra, reason
from halo.runtime.process_pool import num_cores

USAGE_STATISTICS = "RAY_USAGE_STATS_ENABLED"  # sent to the makers of Ray unless it is 0
AUTHENTICATION, TOKEN = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"
TOKEN_FILE = Path("~/.ray/auth_token")
TLS = "RAY_USE_TLS"
CONNECT_SECONDS = 5.0
HTTP_2_SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))  # the frame with which both sides of gRPC begin
HTTP_2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HTTP_2_SETTINGS
NODE_SECONDS = 60.0  # a node that is busy takes some seconds to start a worker
STORE_BYTES, STORE_BYTES_PER_CORE = 2**28, 2**27  # Ray would take 30 % of the memory
_HOST_AND_PORT = re.compile(r"(?:ray://)?(?P<host>[^/:]+|\[[^\]]+\]):(?P<port>\d+)")
log = logging.getLogger(__name__)


Versions = Callable[[], dict[str, str]]
"""Returns the versions that determine ids, see `halo.corpus.fingerprint.versions`."""


@contextlib.contextmanager
def ray_engine(config: DataConfig, versions: Versions) -> Iterator[RayEngine]:
    """Connects to the cluster at `config.ray_address`, or starts a local one, and disconnects or ends it afterwards.

    Args:
        config: The settings of the text.
        versions: Called on each node, whose versions must be those of this machine.

    Raises:
        InputError: Ray is not installed, there is no cluster at the address, or its nodes have other versions.
    """
    _prepare_environment()
    with packages_of_extra("ray", purpose="data.engine=ray"):
        import ray
    if ray.is_initialized():  # of a program that calls halo.prepare and has its own connection
        yield _engine(ray, config, versions)
        return
    with quiet(ray):
        try:
            _connect(ray, config.ray_address)
            yield _engine(ray, config, versions)
        finally:
            ray.shutdown()


def _prepare_environment() -> None:
    """Sets variables that Ray reads when it is imported, unless the user has set them."""
    os.environ.setdefault(USAGE_STATISTICS, "0")
    if TOKEN in os.environ or TOKEN_FILE.expanduser().is_file():  # that of the cluster, without which it refuses
        os.environ.setdefault(AUTHENTICATION, "token")


def _connect(ray: Any, address: str | None) -> None:
    common = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        cores = num_cores()
        store = STORE_BYTES + cores * STORE_BYTES_PER_CORE
        ray.init("local", num_cpus=cores, include_dashboard=False, object_store_memory=store, **common)
        return
    setting = f"data.ray_address={address}"
    if found := _HOST_AND_PORT.fullmatch(address):
        try:
            _require_answer(found["host"].strip("[]"), int(found["port"]))
        except (OSError, OverflowError, UnicodeError) as error:
            raise InputError(
                f"{setting}: no answer ({reason(error)}); give the address that `ray start --head` printed, "
                "or null for a cluster on this machine"
            ) from error
    try:
        ray.init(address, **common)
    except Exception as error:  # Ray raises many kinds: nothing found, another version, a wrong token
        raise InputError(
            f"{setting}: cannot be used ({reason(error)}); start a cluster with `ray start --head`, with the same "
            "versions of Ray and Python, or give null for one on this machine"
        ) from error


def _require_answer(host: str, port: int) -> None:
    """Raises `OSError` unless a server of gRPC answers: Ray itself would try for minutes, and log each attempt."""
    with socket.create_connection((host, port), CONNECT_SECONDS) as connection:
        if TLS in os.environ:
            return
        connection.sendall(HTTP_2_PREFACE)
        if connection.recv(len(HTTP_2_SETTINGS))[3:4] != HTTP_2_SETTINGS[3:4]:
            raise OSError("the server there is not one of Ray")


def _engine(ray: Any, config: DataConfig, versions: Versions) -> RayEngine:
    cores = int(ray.cluster_resources().get("CPU", 0))
    if cores < 1:
        raise InputError("data.engine=ray: the cluster has no cores for tasks; start its nodes with --num-cpus")
    if config.ray_address is not None:
        _require_same_versions(ray, versions)
    nodes = sum(node["Alive"] for node in ray.nodes())
    log.info("Preparing on Ray: %s on %s", counted(cores, "core"), counted(nodes, "node"))
    return RayEngine(config, num_cores=cores)


def node_versions(versions: Versions) -> dict[str, str]:
    """Returns the versions of what determines ids on the node on which this runs."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, "semblance-halo": version("semblance-halo"), **versions()}


def _require_same_versions(ray: Any, versions: Versions) -> None:
    """Raises `InputError` unless each node has halo, and versions of everything that determines ids as here."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    own = node_versions(versions)
    task = ray.remote(num_cpus=0, max_retries=0)(node_versions)
    for node in ray.nodes():
        if not node["Alive"] or not node["Resources"].get("CPU"):
            continue
        where = f"data.engine=ray: the Ray node {node['NodeManagerAddress']}"
        strategy = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        try:
            found = ray.get(task.options(scheduling_strategy=strategy).remote(versions), timeout=NODE_SECONDS)
        except Exception as error:  # the package is missing there, the node has just ended, it does not answer
            problem = _import_problem(error) or f"does not answer ({reason(error)})"
            raise InputError(f"{where} {problem}; install the same version of halo on all nodes") from error
        for name, number in own.items():
            if found.get(name) != number:
                raise InputError(
                    f"{where} has {name} {found.get(name, '?')}, and this machine {number}; install the same versions "
                    "on all nodes, since they determine the ids"
                )


def _import_problem(error: Exception) -> str:
    found = re.search(r"No module named '([\w.]+)'", str(error))
    return f"lacks the package {found[1].partition('.')[0]}" if found else ""


@contextlib.contextmanager
def quiet(ray: Any) -> Iterator[None]:
    """Keeps Ray from printing: what a user needs to know of a lost worker, `RayEngine` logs in one line."""
    logger, worker = logging.getLogger("ray"), ray._private.worker
    before = logger.level, worker._worker_logs_enabled
    logger.setLevel(logging.ERROR)
    worker._worker_logs_enabled = False  # Ray has no public switch for its messages about lost workers
    try:
        yield
    finally:
        logger.setLevel(before[0])
        worker._worker_logs_enabled = before[1]

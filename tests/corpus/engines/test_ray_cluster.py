"""The connection to Ray: what is wrong with it is one line, in bounded time."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from halo.config import DataConfig, PrepareConfig, parse
from halo.corpus.engines import ray_cluster
from halo.corpus.engines.ray_cluster import node_versions, ray_engine
from halo.corpus.fingerprint import versions
from halo.runtime.errors import InputError
from tests.conftest import compose_config, data_config
from tests.support.ray_tasks import other_versions

pytestmark = pytest.mark.exhaustive


def with_address(address: str | None) -> DataConfig:
    return replace(data_config(), engine="ray", ray_address=address)


def connect(address: str | None, facts: Any = versions) -> None:
    with ray_engine(with_address(address), facts):
        pass


def test_without_ray_the_command_to_install_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(
        InputError, match=r"^data\.engine=ray needs the package ray; pip install 'semblance-halo\[ray\]'"
    ):
        connect(None)


def test_an_address_without_engine_ray_is_refused() -> None:
    with pytest.raises(InputError, match=r"data\.ray_address=auto: is the cluster of data\.engine=ray"):
        parse(compose_config("prepare", ["data.ray_address=auto"]), PrepareConfig)


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}", "no-such-host.invalid:6379"])
def test_an_address_without_an_answer_is_one_line(address: str) -> None:
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        given = address.format(port=free.getsockname()[1])
        with pytest.raises(InputError, match=rf"^data\.ray_address={given}: no answer \(.+\); give the address that"):
            connect(given)


@pytest.mark.parametrize(("answer", "problem"), [(None, "timed out"), (b"HTTP/1.1 400 Bad", "the server there is not")])
def test_a_server_that_is_not_of_ray_is_one_line(
    answer: bytes | None, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr(ray_cluster, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        if answer is not None:
            pool.submit(lambda: server.accept()[0].sendall(answer))
        with pytest.raises(InputError, match=rf"no answer \({problem}"):
            connect(f"127.0.0.1:{server.getsockname()[1]}")


@pytest.mark.slow
def test_no_cluster_on_this_machine_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    ray = pytest.importorskip("ray")

    def nothing_found(*_: Any, **__: Any) -> None:
        raise ConnectionError("Could not find any running Ray instance.\nPlease start one.")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", nothing_found)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    with pytest.raises(InputError, match=r"^data\.ray_address=auto: cannot be used \(Could not find .*\); start a clu"):
        connect("auto")


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_nodes_with_other_versions_are_refused_and_ones_own_connection_stays() -> None:
    import ray

    connect("auto")
    with pytest.raises(
        InputError, match=r"^data\.engine=ray: the Ray node [\d.]+ has prepare of process \d+, and this"
    ):
        connect("auto", other_versions)
    assert ray.is_initialized()


def test_a_package_that_a_node_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ray_cluster._import_problem(RuntimeError("x: No module named 'halo.corpus'")) == "lacks the package halo"
    assert ray_cluster._import_problem(RuntimeError("timed out")) == ""
    assert {"Python", "semblance-halo", "prepare"} <= node_versions(versions).keys()

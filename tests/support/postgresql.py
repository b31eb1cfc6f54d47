"""A PostgreSQL server of its own for the tests that need one."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "se{cr@t}"
"""The password of the server's user `halo`, with characters that are special in URLs and in format strings."""


@contextlib.contextmanager
def running_postgresql() -> Iterator[str]:
    """Starts a server; yields its HOST:PORT. Skips the test, and says why, where there can be none."""
    # Not in pytest's folder, which other accounts may not enter.
    with tempfile.TemporaryDirectory(prefix="halo-postgresql-", dir="/tmp") as folder:
        yield from _running(Path(folder))


def _running(folder: Path) -> Iterator[str]:
    programs, account, port = _programs(), _account(), _free_port()
    data, log = folder / "data", folder / "log"
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs / program, "-D", data, *arguments],
            user=None if account is None else account.pw_uid,
            group=None if account is None else account.pw_gid,
            extra_groups=None if account is None else [],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=folder,
        )
        if done.returncode:
            pytest.skip(f"PostgreSQL cannot be started: {program}: {done.stderr.strip()[-300:]}")

    run("initdb", "-U", "halo", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync")
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("pg_ctl", "-w", "-l", str(log), "-o", options, "start")
    try:
        yield f"127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


def _programs() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    folders = [each for each in folders if (each / "initdb").exists()]
    if not folders:
        pytest.skip("no PostgreSQL: its initdb is neither on PATH nor in /usr/lib/postgresql")
    return folders[-1]


def _account() -> pwd.struct_passwd | None:
    """Returns the account that runs the server, which refuses to be run by root; None for this process's own."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("PostgreSQL cannot be run by root, and there is no user nobody")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

"""Output that cannot be written ends a program quietly or with one line, and every text can be printed."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from halo.cli.standard_streams import for_encoding, print_message, print_output

COMMANDS = [["halo"], ["halo.schema", "train"], ["halo.train", "--help"]]
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
LOST = "error: standard output cannot be written (No space left on device); free some space, or redirect it\n"


def run(arguments: list[str], redirection: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of the package in a shell, with its streams redirected."""
    command = shlex.join([sys.executable, "-m", *arguments])
    return subprocess.run(
        ["bash", "-c", f"{command} {redirection}"],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_closed_pipe_is_no_error(arguments: list[str]) -> None:
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    assert program.stderr.read() == ""
    assert program.wait(timeout=60) == 141


@FULL
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    done = run(arguments, ">/dev/full")
    assert (done.returncode, done.stderr) == (1, LOST)


@pytest.mark.parametrize(
    ("redirection", "status"),
    [(">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0), pytest.param("2>/dev/full", 0, marks=FULL)],
)
def test_closed_streams_are_no_error(redirection: str, status: int) -> None:
    done = run(["halo.schema", "train"], redirection)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.parametrize("redirection", ["2>&-", pytest.param("2>/dev/full", marks=FULL)])
def test_the_exit_status_of_an_error_that_cannot_be_printed_stays(redirection: str) -> None:
    assert run(["halo.schema", "nothing"], redirection).returncode == 2


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    code = (
        "from halo.cli.standard_streams import standard_streams\n"
        "with standard_streams():\n    file = open('out.txt', 'w'); print('printed'); assert file.fileno() > 2"
    )
    command = f"cd {shlex.quote(str(tmp_path))} && {shlex.join([sys.executable, '-c', code])} <&- >&- 2>&-"
    assert subprocess.run(["bash", "-c", command], check=False).returncode == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == ""


def test_output_that_is_read_ends_with_status_0() -> None:
    done = run(["halo"])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "utf-16", "utf-8"])
def test_every_text_can_be_printed_in_every_encoding(encoding: str) -> None:
    code = (
        "from halo.cli.standard_streams import *\n"
        "with standard_streams(): print_output('é вирус 😀 │'); print_message('вирус')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.decode(encoding).strip()
    assert printed == "é вирус 😀 │" if encoding.startswith("utf") else "\\u0432\\u0438" in printed


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "┃ é ┃"),
        ("ascii", "| é |"),
        ("cp1252", "| é |"),
        ("cp437", "| é |"),
        ("utf-16", "┃ é ┃"),
        (None, "┃ é ┃"),
    ],
)
def test_tables_are_drawn_in_ascii_where_they_must(encoding: str | None, shown: str) -> None:
    assert for_encoding("┃ é ┃", encoding) == shown


@FULL
def test_lost_output_is_said_once_and_is_the_status() -> None:
    code = (
        "from halo.cli.standard_streams import *\n"
        "with standard_streams():\n    print_output('a'); print_output('b'); print_message('goes on'); print('c')"
    )
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join([sys.executable, '-c', code])} >/dev/full"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, f"{LOST}goes on\n")


def test_print_functions_print(capsys: pytest.CaptureFixture[str]) -> None:
    print_output("a")
    print_message("b")
    assert capsys.readouterr() == ("a\n", "b\n")

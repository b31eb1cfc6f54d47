"""A reader that is gone ends a program quietly."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [["halo"], ["halo.schema", "train"], ["halo.train", "--help"]], ids=" ".join)
def test_a_closed_pipe_is_no_error(arguments: list[str]) -> None:
    program = subprocess.Popen(
        [sys.executable, "-u", "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    assert program.stderr.read() == ""
    assert program.wait(timeout=60) == 141


def test_output_that_is_read_ends_with_status_0() -> None:
    done = subprocess.run([sys.executable, "-m", "halo"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

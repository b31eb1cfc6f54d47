"""Messages follow standard output, and end quietly when nobody reads them any more."""

import io
import logging
import os
import sys

import pytest

from halo.cli.console_log import ConsoleHandler


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("halo", logging.INFO, __file__, 1, message, (), None)


def test_messages_go_to_the_standard_output_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = ConsoleHandler()
    for name in ("first", "second"):
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stdout", stream)
        handler.emit(record(name))
        assert stream.getvalue() == f"{name}\n"


def test_a_closed_pipe_is_no_error(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8", buffering=1) as stream:  # noqa: PTH123  a file descriptor
        monkeypatch.setattr(sys, "stdout", stream)
        ConsoleHandler().emit(record("nobody reads this"))
        ConsoleHandler().emit(record("nor this"))
    assert capfd.readouterr().err == ""


def test_messages_of_a_command_whose_output_is_data_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleHandler("stderr").emit(record("a message"))
    assert capsys.readouterr() == ("", "a message\n")

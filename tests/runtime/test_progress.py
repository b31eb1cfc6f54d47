"""The progress bar: for long texts only, with a summary in the log."""

import sys

import pytest

from halo.runtime.progress import MIN_BYTES_SHOWN, Progress, has_terminal


def test_the_summary_counts_words_since_the_last_restart(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with Progress(MIN_BYTES_SHOWN) as progress:
        progress.advance_bytes(10)
        progress.advance_words(5)
        progress.restart()
        progress.advance_words(1234)
        progress.set_stage("writing ids")
    progress.log_summary()
    (message,) = caplog.messages
    assert message.startswith("1,234 words prepared in 0.")
    assert message.endswith(" million words/s)")


def test_a_short_text_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(MIN_BYTES_SHOWN - 1) as progress:
        progress.advance_bytes(100)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("term", "is_terminal", "shown"), [("xterm", True, True), ("dumb", True, False), ("xterm", False, False)]
)
def test_bars_need_a_terminal_that_can_overwrite_a_line(
    *, term: str, is_terminal: bool, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    assert has_terminal() == shown

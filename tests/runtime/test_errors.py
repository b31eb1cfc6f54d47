"""Errors: one printable line, whatever caused them."""

import signal

import pytest

from halo.runtime.errors import InputError, Stopped, packages_of_extra, printable, reason, require


def test_a_requirement_names_key_value_and_what_is_allowed() -> None:
    require(True, "data.seed", 1, "at least 0")
    with pytest.raises(InputError, match=r"^data\.seed=-1: at least 0$"):
        require(False, "data.seed", -1, "at least 0")


def test_a_stopped_run_names_signal_step_and_hint() -> None:
    stopped = Stopped(signal.SIGTERM, step=7)
    assert str(stopped) == "stopped by SIGTERM after step 7"
    stopped.hint = "resume with `x`"
    assert str(stopped) == "stopped by SIGTERM after step 7; resume with `x`"
    several = Stopped(signal.SIGINT, step=9, steps_of_seeds={1: 7, 2: 9})
    assert str(several) == "stopped by SIGINT after step 7 of seed 1, step 9 of seed 2"


def test_unprintable_characters_are_replaced() -> None:
    assert printable("é\x1b[2J\n") == "é\ufffd[2J\ufffd"


def test_what_a_library_says_is_one_line_without_bytes_that_a_terminal_obeys() -> None:
    assert reason(ValueError("an unknown\n type:  \x1b[2J\x0e")) == "an unknown type: \ufffd[2J\ufffd"
    assert reason(KeyError()) == "KeyError"
    assert reason(OSError(28, "No space left on device")) == "No space left on device"


def test_only_packages_of_others_are_reported_as_missing() -> None:
    message = r"halo\.fit needs the package lightning; pip install 'semblance-halo\[train\]'"
    with pytest.raises(InputError, match=message), packages_of_extra("train", purpose="halo.fit"):
        raise ModuleNotFoundError("no", name="lightning.pytorch")
    with pytest.raises(ModuleNotFoundError), packages_of_extra("train", purpose="halo.fit"):
        raise ModuleNotFoundError("no", name="halo.gone")

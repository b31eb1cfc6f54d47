"""Errors become one line each, with an exit status; bugs keep their traceback."""

import re

import pytest
from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from omegaconf.errors import ConfigKeyError

from halo.cli.error_messages import exit_on_error, exit_status, explain, print_error
from halo.runtime.errors import InputError, TrainingError

AMBIGUOUS = (
    "Ambiguous value for argument 'prompt=a, b'\n1. To use it as a list, use key=[value1,value2]\n"
    "2. To use it as string, quote the value: key=\\'value1,value2\\'\n3. To sweep over it, add --multirun"
)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("seed=-1: too low"), "seed=-1: too low"),
        (OverrideParseException("prompt", "missing EQUAL"), "prompt: settings are given as KEY=VALUE, .*"),
        (
            OverrideParseException("a=[", "no viable alternative"),
            "a=\\[: the value cannot be read; .* quote it twice.*",
        ),
        (MissingConfigException("", "model/gpt", ["lstm", "gru"]), "model=gpt: choose one of gru, lstm"),
        (ConfigCompositionException(AMBIGUOUS), "prompt=a, b: several values; add -m for a sweep over them, or, .*"),
        (ConfigCompositionException("two\n  lines\n"), "two lines"),
    ],
)
def test_what_hydra_reports_is_explained_in_one_line(error: Exception, line: str) -> None:
    assert re.fullmatch(line, explain(error, "train"))


@pytest.mark.parametrize(
    ("command", "key", "line"),
    [
        ("train", "optim.lrr", "optim.lrr: unknown setting; did you mean optim.lr?"),
        ("prepare", "data.split.train", "data.split.train: unknown setting; did you mean data.splits.train?"),
        ("generate", "optim.lrr", "optim.lrr: unknown setting; `--help` lists all settings"),
    ],
)
def test_an_unknown_setting_comes_with_the_nearest_one_of_the_command(command: str, key: str, line: str) -> None:
    error = ConfigKeyError(f"Key '{key}' is not in struct")
    error.full_key = key
    assert explain(error, command) == line


def test_each_problem_gets_a_line_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(InputError("seed=-1: too low\nmodel.hidden=\x1b: a number\n    is needed"))
    assert capsys.readouterr().err == "error: seed=-1: too low\nerror: model.hidden=\ufffd: a number is needed\n"


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("no text"), 2, "error: no text"),
        (TrainingError("the loss became nan"), 1, "error: the loss became nan"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device"), 2, "error: the output folder cannot be written (No space left"),
        (TypeError("odd"), 2, "error: the settings cannot be composed (odd)"),
    ],
)
def test_the_exit_status_says_who_has_to_act(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end, exit_on_error("train", has_started=lambda: False):
        raise error
    assert end.value.code == status
    assert capsys.readouterr().err.startswith(line)


def test_a_bug_of_a_started_job_is_not_hidden() -> None:
    with pytest.raises(TypeError), exit_on_error("train", has_started=lambda: True):
        raise TypeError("odd")


def test_tracebacks_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_TRACEBACK", "1")
    with pytest.raises(InputError), exit_on_error("train", has_started=lambda: False):
        raise InputError("no text")


def test_a_training_run_that_fails_has_a_status_of_its_own() -> None:
    assert (exit_status(TrainingError("")), exit_status(InputError(""))) == (1, 2)

"""Errors become one line each, with an exit status; bugs keep their traceback."""

import re

import pytest
from hydra.errors import ConfigCompositionException, HydraException, InstantiationException
from omegaconf.errors import ConfigKeyError, OmegaConfBaseException

from halo.cli.arguments import hydra_settings
from halo.cli.error_messages import exit_on_error, exit_status, explain, print_error
from halo.runtime.errors import InputError, TrainingError
from tests.conftest import compose_config

COMPOSED = [
    ("prepare", "run_dir=x", "run_dir: unknown setting; `--help` lists all settings"),
    ("prepare", "model=lstm", "model: unknown setting; `--help` lists all settings"),
    ("evaluate", "data=text", "data: unknown setting; `--help` lists all settings"),
    ("train", "model.hiden=3", "model.hiden: unknown setting; did you mean model.hidden?"),
    ("train", "hidden=512", "hidden: unknown setting; did you mean model.hidden?"),
    ("train", "optim.momentum=3", "optim.momentum: not a setting of what is chosen; it is one of optim=sgd"),
    ("train", "model.hidden.x=3", "model.hidden.x: unknown setting; did you mean model.hidden?"),
    ("train", "model/x=gru", "model/x: unknown setting; did you mean model?"),
    ("train", "model@x=gru", "model@x: unknown setting; did you mean model?"),
    ("train", "x@model=gru", "x: unknown setting; `--help` lists all settings"),
    ("train", "trainer.max_epoch=3", "trainer.max_epoch: unknown setting; did you mean trainer.max_epochs?"),
    ("train", "trainer.profilr=x", "trainer.profilr: unknown setting; did you mean trainer.profiler?"),
    (
        "train",
        "callbacks.checkpoint.save_topk=3",
        "callbacks.checkpoint.save_topk: unknown setting; did you mean callbacks.checkpoint.save_top_k?",
    ),
    ("train", "model=gpt", "model=gpt: choose one of awd_lstm, gru, lstm, transformer"),
    ("train", "model=", "model=: choose one of awd_lstm, gru, lstm, transformer"),
    (
        "train",
        "data=null",
        "data=null: choose one of chars, code, covid, default, genome, logs, private_text, ptb, series, text, tokens, "
        "verse, wikitext2",
    ),
    ("train", "optim=true", "optim=true: choose one of adam, adamw, sgd"),
    ("train", "hydra/launcher=x", "hydra/launcher=x: choose basic"),
    ("train", "+seed=1", "+seed: the setting exists; write it without +"),
    ("train", "+model=gru", "+model: a file of model is chosen already; write model=... without +"),
    ("train", "++model=gru", "++model=gru: write it without +"),
    ("train", "~nothing", "nothing: unknown setting; `--help` lists all settings"),
    ("train", "~seed=5", "~seed=5: the value is 1; ~seed removes it, whatever it is"),
    ("train", "~model=gru", "~model: the group has another choice, or none; ~model removes it, whatever it is"),
    ("train", "~data=-0.0", "~data: the group has another choice, or none; ~data removes it, whatever it is"),
    ("train", "hydra.nothing=1", "hydra.nothing: unknown setting; `--help` lists all settings"),
    (
        "train",
        "model.hidden=[1",
        "model.hidden=[1: the value cannot be read; a text is quoted for Hydra as well: model.hidden=\"'[1'\"",
    ),
    ("train", "seed==3", "seed==3: the value cannot be read; a text is quoted for Hydra as well: seed=\"'=3'\""),
    (
        "train",
        "optim.lr=1,2",
        "optim.lr=1,2: several values; add -m for a sweep; one text is quoted for Hydra: optim.lr=\"'1,2'\"",
    ),
    ("train", "seed=choice(1,2)", "seed=choice(1,2): several values; add -m for a sweep"),
    ("train", "seed", "seed: settings are given as KEY=VALUE, and `--help` lists them"),
]


@pytest.mark.parametrize(("command", "setting", "line"), COMPOSED)
def test_settings_that_cannot_be_composed_are_explained_without_hydras_words(
    command: str, setting: str, line: str
) -> None:
    with pytest.raises((HydraException, OmegaConfBaseException)) as caught:
        compose_config(command, hydra_settings(command, [setting]))
    assert explain(caught.value, command) == line


OPTIONS = [
    (
        "Cannot find primary config 'own'. Check that it's in your config search path.\n\nConfig search path:",
        "--config-name=own: ",
    ),
    ("Additional config directory '/a b' not found", "--config-dir=/a b: no such folder"),
    ("Primary config module 'halo.own' not found.\nCheck that it's correct", "--config-path: halo.own is no folder"),
    ("Sweeping over Hydra's configuration is not supported : 'hydra.run.dir=a,b'", "hydra.run.dir=a,b: a sweep over"),
    ("two\n  lines\n", r"the settings cannot be composed \(two lines\); `--help` lists"),
]


@pytest.mark.parametrize(("message", "line"), OPTIONS)
def test_what_hydra_says_about_options_is_one_line(message: str, line: str) -> None:
    assert re.match(line, explain(ConfigCompositionException(message), "train"))


def test_a_class_that_cannot_be_made_is_named() -> None:
    error = InstantiationException("Error in call to target 'my.Callback':\nTypeError('x')\nfull_key: callbacks.mine")
    error.__cause__ = TypeError("x")
    line = "callbacks.mine._target_=my.Callback: cannot be constructed (x); correct the class or its arguments"
    assert explain(error, "train") == line


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


def test_a_run_on_a_full_disk_has_a_status_of_its_own() -> None:
    error = TrainingError("cannot be written")
    error.__cause__ = OSError(28, "No space left on device")
    assert exit_status(error) == exit_status(TrainingError("No space left on device")) == 75

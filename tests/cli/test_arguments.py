"""Options are those of Hydra; mistakes of typing are one line with what to write instead."""

import os
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from halo.cli.arguments import hydra_settings, parse_arguments, repeated_settings
from halo.config import SCHEMAS
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def test_settings_and_options_may_stand_in_any_order() -> None:
    parsed = parse_arguments("train", ["model.hidden=8,16", "-m", "--config-dir", "own", "seed=2", "--cfg=job"])
    assert parsed.options == ["-m", "--config-dir", "own", "--cfg=job"]
    assert parsed.settings == ["model.hidden=8,16", "seed=2"]
    assert not parsed.wants_help
    assert parsed.config_dir == "own"
    assert parse_arguments("train", ["seed=2", "-h"]).wants_help
    assert parse_arguments("evaluate", ["--run", "split=test"]).options == ["--run"]


def test_a_path_alone_at_the_start_is_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("lr=0.1, a", "prompt", "saved"):
        Path(name).mkdir()
    Path("saved/model.safetensors").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    for command in ("evaluate", "generate"):
        assert parse_arguments(command, ["lr=0.1, a", "device=cpu"]).settings == ["run='lr=0.1, a'", "device=cpu"]
        assert parse_arguments(command, ["-h", "saved"]).settings == ["bundle=saved"]
        assert parse_arguments(command, ["~/saved/"]).settings == [f"bundle={tmp_path}/saved/"]
    assert parse_arguments("generate", ["prompt"]).settings == ["run=prompt"]
    assert parse_arguments("generate", ["~seed"]).settings == ["~seed"]
    for second in ("saved", "run=saved", "bundle=saved"):
        with pytest.raises(InputError, match=f"^prompt and {second}: two models; give one of them$"):
            parse_arguments("generate", ["prompt", "seed=2", second])
    with pytest.raises(InputError, match=r"^saved/model\.safetensors: is a file; give a run folder of halo.train or "):
        parse_arguments("generate", ["saved/model.safetensors"])


def test_the_folder_of_settings_may_be_below_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    parsed = parse_arguments("train", ["--config-dir=~/own"])
    assert (parsed.options, parsed.config_dir) == (["--config-dir=/home/me/own"], "/home/me/own")


def test_interactive_may_be_written_as_an_option() -> None:
    parsed = parse_arguments("generate", ["run=x", "--interactive", "seed=2"])
    assert (parsed.options, parsed.settings) == ([], ["run=x", "interactive=true", "seed=2"])
    with pytest.raises(InputError, match="unrecognized arguments: --interactive"):
        parse_arguments("train", ["--interactive"])


MISTAKES = [
    (
        "train",
        ["--nothing"],
        "unrecognized arguments: --nothing; settings are given as KEY=VALUE, and `--help` lists them",
    ),
    ("train", ["--experimental-rerun", "x.pickle"], "unrecognized arguments: --experimental-rerun; "),
    ("train", ["--multi"], "unrecognized arguments: --multi; "),
    ("train", ["--config-dir"], "argument --config-dir/-cd: expected one argument; "),
    ("train", ["--cfg", "none"], "argument --cfg/-c: invalid choice: 'none'"),
    ("train", ["--seed=3"], "--seed=3: a setting has no dashes; write seed=3"),
    ("train", ["--model.hidden", "64"], "--model.hidden: a setting has no dashes; write model.hidden=64"),
    ("generate", ["--prompt=a b"], '--prompt=a b: a setting has no dashes; write prompt="a b"'),
    ("generate", ["-prompt", "don't", "stop"], '-prompt: a setting has no dashes; write prompt="don\'t stop"'),
    ("generate", ["--run", "x", "seed=1"], "--run: a setting has no dashes; write run=x"),
    ("evaluate", ["--run=x"], "--run=x: a setting has no dashes; write run=x"),
    ("generate", ["prompt", "=", "the", "virus"], 'prompt =: no space may stand around =; write prompt="the virus"'),
    ("generate", ["prompt", "=the", "virus"], 'prompt =: no space may stand around =; write prompt="the virus"'),
    (
        "generate",
        ["prompt=", "the"],
        "the: settings are given as KEY=VALUE; if it belongs to the one before: prompt=the",
    ),
    ("generate", ["prompt=a", "b", "c", "seed=1"], 'b: settings .*; if it belongs to the one before: prompt="a b c"'),
    ("generate", ["prompt", "a", "b"], 'prompt: settings are given as KEY=VALUE; write prompt="a b"'),
    ("generate", ["prompt"], "prompt: settings are given as KEY=VALUE; write prompt=VALUE"),
    ("generate", ["promt", "=x"], "promt =: no space may stand around =; write promt=x"),
    ("generate", ["out/gone"], "out/gone: no such folder; give a run folder of halo.train or a bundle; settings are"),
    ("evaluate", ["x" * 300], "x+: no such folder; "),
    ("generate", ["prompt:x"], "prompt:x: settings are given as KEY=VALUE; write prompt=x"),
    ("train", ["optim.lr:", "3"], "optim.lr:: settings are given as KEY=VALUE; write optim.lr=3"),
    ("train", ["covid_best"], "covid_best: settings are given as KEY=VALUE, and `--help` lists them"),
    ("train", ["=3"], "=3: no setting before the =; "),
    ("train", ["größe=3"], "größe: unknown setting; "),
    (
        "train",
        ["optim=adamw.lr=3"],
        "optim=adamw.lr=3: a choice and a setting are two .*; write optim=adamw optim.lr=3",
    ),
    ("train", ["model=gru,model.hidden=3"], "model=gru,model.hidden=3: .*; write model=gru model.hidden=3"),
    ("train", ["data.path=caf\udce9.txt"], "data.path=caf\\?.txt: not UTF-8 text; "),
]


@pytest.mark.parametrize(("command", "arguments", "message"), MISTAKES)
def test_a_mistake_of_typing_is_one_line(command: str, arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}") as caught:
        parse_arguments(command, arguments)
    assert "\n" not in str(caught.value)


def test_every_option_exists_in_hydra() -> None:
    from hydra._internal.utils import get_args_parser

    of_hydra = {option for action in get_args_parser()._actions for option in action.option_strings}
    for option in ("--help", "--cfg", "--info", "--multirun", "--config-dir", "--config-name", "--package", "-sc"):
        assert option in of_hydra
        value = {"--cfg": ["job"], "--info": ["all"]}.get(
            option, ["x"] if "config" in option or "pack" in option else []
        )
        parse_arguments("train", [option, *value])


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        (["seed=1", "seeds=1"], []),
        (["seed=1", "seed=1"], []),
        (["seed=1", "optim.lr=1", "seed=2"], ["seed=1 is replaced by seed=2, which follows it"]),
        (["model=lstm", "model=gru"], ["model=lstm is replaced by model=gru, which follows it"]),
        (["+seed=1", "seed=2"], ["+seed=1 is replaced by seed=2, which follows it"]),
    ],
)
def test_a_setting_that_is_replaced_is_reported(settings: list[str], messages: list[str]) -> None:
    assert repeated_settings(settings) == messages


TYPED = [
    ("generate", "prompt", text)
    for text in (
        *("don't stop", "hello, the virus", "вирус", "the virus!", "the # of cases", "(the virus)", "r = 2"),
        *("für den Virus", "a {b} [c]", "${x}", "a \\${x}", "\\n", "", "  two  ", '"quoted" and not', "it's 'so'"),
        *("[a, b]", "{a: 1}", "null", "true", "1e3", "2021_01", "choice(a, b)", "a\nb", "~", "100%", "a:b", "a=b"),
        *("x\\", "don't 'stop", "日本", "@user", "|", "*", "-0", "nan"),
    )
] + [
    ("evaluate", key, path)
    for key in ("run", "bundle", "path", "cache_dir")
    for path in (
        "a=b.txt",
        "(1).txt",
        "ö.txt",
        "it's.txt",
        "x,y.txt",
        "$HOME/x",
        "2021_01",
        "1e3",
        "true",
        "a b",
        "[ab]*",
    )
]


@pytest.mark.parametrize(("command", "key", "text"), TYPED)
def test_texts_and_paths_are_read_as_they_were_typed(command: str, key: str, text: str) -> None:
    parsed = parse_arguments(command, [f"{key}={text}"])
    composed = OmegaConf.to_container(compose_config(command, parsed.settings), resolve=True)
    assert isinstance(composed, dict)
    assert composed[key] == text
    again = parse_arguments(command, parsed.settings)  # as a further process of a run on several devices reads them
    assert again.settings == parsed.settings


CHOICES = [
    ("train", ["experiment=null"], ["~experiment"]),
    ("train", ["callbacks=null"], ["callbacks=none"]),
    ("train", ["logger=null", "averaging=null"], ["logger=none", "averaging=none"]),
    ("train", ["callbacks.early_stopping=null"], ["callbacks.early_stopping=null"]),
    ("train", ["model=1"], ["model='1'"]),
    ("train", ["model=gru"], ["model=gru"]),
    ("train", ["logger=[tensorboard,csv]"], ["logger=[tensorboard,csv]"]),
    ("train", ["trainer.profiler=simple"], ["++trainer.profiler=simple"]),
    ("train", ["+trainer.profiler=simple"], ["++trainer.profiler=simple"]),
    ("train", ["+trainer.max_epochs=3"], ["++trainer.max_epochs=3"]),
    ("train", ["trainer.max_epochs=3"], ["trainer.max_epochs=3"]),
    ("train", ["callbacks.checkpoint.save_top_k=3"], ["++callbacks.checkpoint.save_top_k=3"]),
    ("train", ["logger.csv.prefix=a"], ["++logger.csv.prefix=a"]),
    ("train", ["trainer.check_val_every_n_epoch=2"], ["++trainer.check_val_every_n_epoch=2"]),
    ("train", ["trainer.nonsense=3"], ["trainer.nonsense=3"]),
    ("train", ["~trainer.max_epochs"], ["~trainer.max_epochs"]),
    ("prepare", ["trainer.profiler=simple"], ["trainer.profiler=simple"]),
    ("prepare", ["data.extensions={log: text}"], ["++data.extensions={log: text}"]),
    (
        "train",
        [r"data.cleaning.patterns.ward=(?i)\bward [0-9]+, (a|b)"],
        [r"++data.cleaning.patterns.ward='(?i)\bward [0-9]+, (a|b)'"],
    ),
]


@pytest.mark.parametrize(("command", "typed", "expected"), CHOICES)
def test_choices_and_arguments_of_lightning_need_no_grammar(
    command: str, typed: list[str], expected: list[str]
) -> None:
    assert hydra_settings(command, typed) == expected


def test_an_existing_file_is_meant_by_its_whole_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x,y.txt", "'a'", "[a.txt,b.txt]", "${x}"):
        Path(name).touch()
        for sweep in ([], ["-m"]):
            (setting,) = parse_arguments("prepare", [*sweep, f"data.path={name}"]).settings
            assert OmegaConf.to_container(compose_config("prepare", [setting]), resolve=True)["data"]["path"] == name  # type: ignore[index,call-overload]
    assert os.listdir()  # noqa: PTH208


@pytest.mark.parametrize("command", SCHEMAS)
def test_every_text_or_path_of_a_command_is_quoted(command: str) -> None:
    """A setting that holds text or a path, other than a name out of a few, is among those that are taken literally."""
    from halo.config import settings_of
    from halo.runtime.hydra_quoting import PATHS, TEXTS

    names = {"data.name", "device", "model_class"}  # plain words
    free = {
        key
        for key, setting in settings_of(SCHEMAS[command]).items()
        if setting.allowed.startswith(("text", "a path", "characters")) and key not in names
    }
    assert free <= PATHS | TEXTS

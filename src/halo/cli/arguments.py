"""Reads a command line before Hydra does: options, mistakes of typing, and what is quoted or added for Hydra."""

import argparse
import os.path
import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from halo.cli.error_messages import KEY_VALUE
from halo.cli.known_settings import TRAINING_COMMANDS, groups_of, known_settings, settings_in_files
from halo.config import conf_dir, lightning_settings, unknown_setting
from halo.runtime.errors import InputError
from halo.runtime.hydra_quoting import (
    SETTING,
    TEXT_GROUPS,
    escape_interpolations,
    expand_home,
    literal_settings,
    quote_value,
    shell_setting,
)

MULTIRUN = "hydra.mode=MULTIRUN"
FLAGS = {"--interactive": "interactive=true"}
"""Options that stand for a setting, of the commands that have the setting."""
OPTIONAL_GROUPS = {"experiment", "debug"}
"""Groups of which no file needs to be chosen."""
MAPPINGS = {"card.swaps", "data.cleaning.patterns", "data.extensions", "launcher.options"}
"""Settings whose value is a mapping with names of the user's own, to which what is typed is added."""


class OptionParser(argparse.ArgumentParser):
    """A parser that reports a wrong option as an `InputError` instead of printing its usage and exiting."""

    hint = KEY_VALUE

    def error(self, message: str) -> NoReturn:
        """Raises the error; part of the public interface of `argparse`, which calls it."""
        raise InputError(f"{message}; {self.hint}")


class Arguments(NamedTuple):
    """A command line that Hydra accepts.

    Attributes:
        options: The options, with their values.
        settings: The settings, KEY=VALUE, with texts and paths quoted for Hydra.
        wants_help: Whether `--help` is among the options.
        config_dir: The folder that `--config-dir` names.
    """

    options: list[str]
    settings: list[str]
    wants_help: bool
    config_dir: str | None


def parse_arguments(command: str, arguments: Sequence[str]) -> Arguments:
    """Returns the options and settings of a command line, which may stand in any order; Hydra wants options first.

    A path that stands alone before all settings is the model of a command that uses one: `halo.generate FOLDER seed=2`.
    The options are those of Hydra 1.3, by the same names, so that Hydra accepts every command line that passes here.
    `--experimental-rerun` is left out: it unpickles a file, and unpickling can execute code.

    Args:
        command: The command, such as `train`.
        arguments: The command line without the program's name.

    Raises:
        InputError: An option that does not exist, or one without its value; a setting that is not KEY=VALUE; a model
            that does not exist, or a second one.
    """
    _require_text(arguments)
    arguments = [_flag(each, command) for each in arguments]
    _require_no_dashes(command, arguments)
    parser = OptionParser(add_help=False, allow_abbrev=False)
    parser.add_argument("overrides", nargs="*")
    for names in (
        ("--help", "-h"),
        ("--hydra-help",),
        ("--version",),
        ("--run", "-r"),
        ("--multirun", "-m"),
        ("--resolve",),
        ("--shell-completion", "-sc"),
    ):
        parser.add_argument(*names, action="store_true")
    for names in (("--package", "-p"), ("--config-path", "-cp"), ("--config-name", "-cn"), ("--config-dir", "-cd")):
        parser.add_argument(*names)
    parser.add_argument("--cfg", "-c", choices=("job", "hydra", "all"))
    topics = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
    parser.add_argument("--info", "-i", nargs="?", const="all", choices=topics)
    parsed = parser.parse_intermixed_args(arguments)
    options = [_with_home(each) for each in arguments if each not in parsed.overrides]
    overrides = _with_runs(command, _with_model(command, parsed.overrides))
    _require_assignments(command, overrides)
    is_sweep = parsed.multirun or MULTIRUN in overrides
    settings = hydra_settings(command, overrides, is_sweep=is_sweep)
    config_dir = None if parsed.config_dir is None else expand_home(parsed.config_dir)
    return Arguments(options, settings, wants_help=parsed.help, config_dir=config_dir)


def _flag(argument: str, command: str) -> str:
    """Returns the setting that an option stands for, and any other argument as it is."""
    setting = FLAGS.get(argument, "")
    return setting if setting.partition("=")[0] in known_settings(command) else argument


def _with_model(command: str, settings: Sequence[str]) -> list[str]:
    """Returns the settings with `run=PATH` or `bundle=PATH` for a path that stands alone at their start.

    Raises:
        InputError: There is no such folder, or a second model is given.
    """
    takes_model = {"run", "bundle"} <= known_settings(command)
    if not takes_model or not settings or not _is_path_of_model(settings[0], command):
        return [*settings]
    path, others = expand_home(settings[0]), settings[1:]
    if others and others[0].startswith("="):
        return [*settings]
    folders = "a run folder of halo.train or a bundle"
    if os.path.isfile(path):  # noqa: PTH113  Path.is_file raises for a name that is too long
        raise InputError(f"{path}: is a file; give {folders}, the folder that holds it")
    if not os.path.isdir(path):  # noqa: PTH112
        raise InputError(f"{path}: no such folder; give {folders}; {KEY_VALUE}")
    for other in others:
        if other.startswith(("run=", "bundle=")) or ("=" not in other and os.path.lexists(other)):
            raise InputError(f"{path} and {other}: two models; give one of them")
    key = "bundle" if os.path.lexists(os.path.join(path, "model.safetensors")) else "run"  # noqa: PTH118
    return [f"{key}={path}", *others]


def _with_runs(command: str, settings: Sequence[str]) -> list[str]:
    """Returns the settings with `runs=[PATH,...]` for the paths that stand alone, of a command that compares runs.

    A path is what names a folder or file, or is no setting; it may have any characters, and be a pattern.

    Raises:
        InputError: `runs=` is given as well.
    """
    if "runs" not in known_settings(command):
        return [*settings]
    paths = [each for each in settings if _is_path_of_run(each, command)]
    if not paths:
        return [*settings]
    others = [each for each in settings if each not in paths]
    if any(each.startswith("runs=") for each in others):
        raise InputError(f"{paths[0]}: runs are given alone or as runs=A,B, not both")
    quoted = (quote_value(escape_interpolations(expand_home(path))) for path in paths)
    return [f"runs=[{','.join(quoted)}]", *others]


def _is_path_of_run(argument: str, command: str) -> bool:
    if os.path.lexists(argument) or "=" not in argument:
        return _is_path_of_model(argument, command) or os.path.lexists(argument)
    key = argument.partition("=")[0].lstrip("+~")
    return "/" in argument.partition("=")[0] and key not in known_settings(command)


def _is_path_of_model(argument: str, command: str) -> bool:
    """Returns whether an argument is a path rather than a setting, the name of one, or a deletion such as ~seed."""
    is_deletion = argument.startswith("~") and "/" not in argument
    is_setting = "=" in argument or is_deletion or argument.partition(":")[0] in known_settings(command)
    return not is_setting or os.path.isdir(argument)  # noqa: PTH112


def hydra_settings(command: str, settings: Sequence[str], *, is_sweep: bool = False) -> list[str]:
    """Returns settings in Hydra's grammar.

    Texts, paths and choices of groups are quoted, arguments of Lightning that the files of conf/ do not set are added,
    and a group that is null by default can be set to null.

    Args:
        command: The command, such as `train`.
        settings: As typed, KEY=VALUE.
        is_sweep: Whether commas separate the values of a sweep.

    >>> hydra_settings("train", ["trainer.profiler=simple", "seed=2", "model=1", "debug=null"])
    ['++trainer.profiler=simple', 'seed=2', "model='1'", '~debug']
    """
    groups = groups_of(command)
    prepared = [_optional(_added(each, command), command) for each in settings]
    return literal_settings(prepared, groups=groups, is_sweep=is_sweep)


def _added(setting: str, command: str) -> str:
    """Returns an argument of Lightning, or a mapping of one's own names, as one that Hydra adds to those of conf/."""
    match = SETTING.fullmatch(setting)
    is_mapping = match is not None and match["key"] in MAPPINGS and match["value"].startswith("{")
    if match is not None and (is_mapping or match["key"].startswith(TEXT_GROUPS)):
        return f"++{match['key']}={match['value']}"
    if command not in TRAINING_COMMANDS or match is None or match["key"] not in lightning_settings():
        return setting
    choices = settings_in_files(command).get(match["key"], ["experiment=none"])  # an experiment may not be chosen
    is_in_files = not choices or any(each.partition("=")[0] not in OPTIONAL_GROUPS for each in choices)
    is_set = match["prefix"] == "~" or (is_in_files and match["prefix"] != "+")
    return setting if is_set else f"++{match['key']}={match['value']}"


def _optional(setting: str, command: str) -> str:
    """Returns a setting that Hydra accepts for a group that is set to null and may be.

    That is its deletion, as Hydra calls it, or the choice `none` of a group that has one: `callbacks=none`.
    """
    group, _, value = setting.partition("=")
    if value != "null" or group not in groups_of(command):
        return setting
    if group in OPTIONAL_GROUPS:
        return f"~{group}"
    return f"{group}=none" if (conf_dir() / group / "none.yaml").is_file() else setting


def repeated_settings(settings: Sequence[str]) -> list[str]:
    """Returns a message for each setting that a later one on the same command line replaces.

    >>> repeated_settings(["seed=1", "seed=2", "seeds=2"])
    ['seed=1 is replaced by seed=2, which follows it']
    """
    given: dict[str, str] = {}
    replaced = []
    for each in settings:
        if (match := SETTING.fullmatch(each)) is None:
            continue
        before = given.get(match["key"], each)
        if before != each:
            replaced.append(f"{before} is replaced by {each}, which follows it")
        given[match["key"]] = each
    return replaced


def _with_home(option: str) -> str:
    """Returns an option with the home folder for a `~` at the start of its value, which shells leave as it is."""
    name, equals, value = option.partition("=")
    return f"{name}={expand_home(value)}" if equals else expand_home(option)


# Mistakes of typing


def _require_text(arguments: Sequence[str]) -> None:
    for each in arguments:
        try:
            each.encode()
        except UnicodeEncodeError as error:
            name = each.encode(errors="replace").decode()
            raise InputError(f"{name}: not UTF-8 text; rename the file, or set the terminal to UTF-8") from error


def _require_no_dashes(command: str, arguments: Sequence[str]) -> None:
    """Raises `InputError` for a setting that is written like an option: `--prompt=x`, `--prompt x`."""
    for position, argument in enumerate(arguments):
        match = re.fullmatch(r"--?([A-Za-z_][\w.]*)(?:=(.*))?", argument, re.DOTALL)
        if match is None or match[1] not in known_settings(command):
            continue
        following = _words(arguments[position + 1 :])
        if argument == "--run" and not following:  # an option of Hydra
            continue
        value = match[2] if match[2] is not None else " ".join(following) or "VALUE"
        raise InputError(f"{argument}: a setting has no dashes; write {shell_setting(match[1], value)}")


def _require_assignments(command: str, settings: Sequence[str]) -> None:
    """Raises `InputError` for what is not KEY=VALUE, with the setting that was probably meant."""
    for position, word in enumerate(settings):
        before, after = settings[:position], settings[position + 1 :]
        if "=" in word:
            _require_one_setting(word, command)
        elif word.startswith("~"):
            continue
        else:
            key, _, start = word.partition(":")
            if after and after[0].startswith("="):
                value = " ".join(filter(None, [after[0][1:], *_words(after[1:])]))
                raise InputError(f"{word} =: no space may stand around =; write {shell_setting(word, value)}")
            if key in known_settings(command):
                value = " ".join(filter(None, [start, *_words(after)])) or "VALUE"
                raise InputError(f"{word}: settings are given as KEY=VALUE; write {shell_setting(key, value)}")
            if before and (match := SETTING.fullmatch(before[-1])) is not None:
                value = " ".join(filter(None, [match["value"], word, *_words(after)]))
                setting = shell_setting(match["key"], value)
                raise InputError(f"{word}: settings are given as KEY=VALUE; if it belongs to the one before: {setting}")
            raise InputError(f"{word}: {KEY_VALUE}")


def _require_one_setting(setting: str, command: str) -> None:
    """Raises `InputError` for what has no key, or a choice and a setting of it in one: `optim=adamw.lr=3`."""
    key = setting.partition("=")[0]
    if not key.strip("+~"):
        raise InputError(f"{setting}: no setting before the =; settings are given as KEY=VALUE")
    if not re.fullmatch(r"[+~]*[\w./@:$-]+", key, re.ASCII):  # Hydra takes no other characters
        raise InputError(unknown_setting(key, known_settings(command)))
    match = re.fullmatch(r"(\w+)=(\w+)[.,:/](?:\1\.)?([\w.]+)=(.*)", setting, re.DOTALL)
    if match is not None and match[1] in groups_of(command):
        group, choice, name, value = match.groups()
        two = f"{group}={choice} {shell_setting(f'{group}.{name}', value)}"
        raise InputError(f"{setting}: a choice and a setting are two arguments; write {two}")


def _words(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments up to the next setting or option."""
    words = []
    for each in arguments:
        if each.startswith("-") or "=" in each:
            break
        words.append(each)
    return words

"""One-line error messages and exit statuses."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from hydra.errors import HydraException, InstantiationException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from halo.cli.known_settings import known_settings, settings_in_files
from halo.cli.standard_streams import print_message
from halo.config import describe
from halo.config.messages import unknown_setting
from halo.runtime.errors import (
    DISK_FULL_STATUS,
    InputError,
    TrainingError,
    UnreachableError,
    is_disk_full,
    printable,
    reason,
)
from halo.runtime.hydra_quoting import quote_value, shell_setting
from halo.runtime.process_ranks import is_first_process, is_first_to_fail

EXPECTED_ERRORS = (InputError, TrainingError, HydraException, OmegaConfBaseException)
"""Errors that a user can act on."""

TRACEBACK = "HALO_TRACEBACK"
"""The environment variable that, set to 1, shows tracebacks."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it: 128 plus the number of SIGINT."""

KEY_VALUE = "settings are given as KEY=VALUE, and `--help` lists them"


@contextlib.contextmanager
def exit_on_error(command: str, *, has_started: Callable[[], bool]) -> Iterator[None]:
    """Ends the program with a one-line message and an exit status after an error that a user can act on.

    Args:
        command: The command's name, such as `train`.
        has_started: Returns whether a job has started. Before that, other exceptions come from Hydra as it composes
            the settings or creates the output folder, and are reported in one line as well; after it, they are bugs.
    """
    try:
        yield
    except EXPECTED_ERRORS as error:
        print_error(error, command)
        sys.exit(exit_status(error))
    except KeyboardInterrupt:
        if wants_traceback():
            raise
        if is_first_process():
            print_message("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        raise
    except Exception as error:
        if has_started() or wants_traceback():
            raise
        if isinstance(error, OSError):
            place = f"{error.filename}: " if error.filename else ""
            problem = f"the output folder cannot be written ({reason(error)})"
            message = f"{place}{problem}; free some space, or use another folder"
        else:
            message = f"the settings cannot be composed ({reason(error)}); `--help` lists the settings and their values"
        print_error(InputError(message), command)
        sys.exit(2)


def print_error(error: Exception, command: str = "") -> None:
    """Prints each line of an error's explanation as `error: ...`, or raises the error where tracebacks are wanted.

    Of several processes of a command one prints it.

    Args:
        error: The error.
        command: The command whose settings are suggested for an unknown one.
    """
    if not (isinstance(error, UnreachableError) or is_first_to_fail()):
        return
    if wants_traceback():
        raise error
    print_error_lines(error_lines(error, command))


def error_lines(error: Exception, command: str = "") -> list[str]:
    """Returns the explanation of an error, one problem a line.

    Args:
        error: The error.
        command: The command whose settings are suggested for an unknown one.
    """
    problems = re.sub(r"\n\s+", " ", explain(error, command))  # libraries indent what continues a line
    return [printable(line) for line in problems.splitlines()]


def print_error_lines(lines: Sequence[str]) -> None:
    """Prints the lines of an explanation as `error: ...`."""
    for line in lines:
        print_message(f"error: {line}")


def exit_status(error: Exception) -> int:
    """Returns 1 for a run that cannot continue, 75 if its disk is full, and 2 for input that cannot be used."""
    if isinstance(error, TrainingError):
        return DISK_FULL_STATUS if is_disk_full(error) else 1
    return 2


def wants_traceback() -> bool:
    """Returns whether errors are to be shown with their traceback."""
    return os.environ.get(TRACEBACK) == "1"


def explain(error: Exception, command: str = "") -> str:
    """Returns what is wrong, one problem a line, in the words of this program instead of Hydra's.

    Args:
        error: The error.
        command: The command whose settings are suggested for an unknown one.
    """
    cause = error.__cause__
    if isinstance(error, HydraException) and isinstance(cause, InputError):  # raised by an object of `_target_`
        return str(cause)
    if isinstance(error, HydraException) and isinstance(cause, OmegaConfBaseException) and cause.full_key:
        error = cause
    if isinstance(error, OmegaConfBaseException):
        is_unknown = error.full_key and "not in" in str(error)
        return _unknown(str(error.full_key), command) if is_unknown else describe(error)
    if isinstance(error, InstantiationException):
        return _explain_instantiation(error)
    return _explain_composition(error, command) if isinstance(error, HydraException) else str(error)


def _unknown(key: str, command: str) -> str:
    """Returns that a setting does not exist, or with which choices of its group it does."""
    if not key:
        return f"=: {KEY_VALUE}"
    choices = settings_in_files(command).get(key, []) if command else []
    if choices:
        return f"{key}: not a setting of what is chosen; it is one of {' or '.join(choices)}"
    return unknown_setting(key, known_settings(command) if command else ())


def _explain_composition(error: HydraException, command: str) -> str:
    """Returns why Hydra could not compose the settings."""
    message = " ".join(str(error).split("Config search path")[0].split())
    if isinstance(error, OverrideParseException):
        key, equals, value = error.override.partition("=")
        return f"{error.override}: {_how_to_quote(key, value)}" if equals else f"{error.override}: {KEY_VALUE}"
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        one_of = "one of " if len(error.options) > 1 else ""
        return f"{group}={choice}: choose {one_of}{', '.join(sorted(error.options))}"
    for pattern, explanation in OF_HYDRA.items():
        if match := re.search(pattern, message):
            if explanation == UNKNOWN:
                return _unknown(match["key"].partition("@")[0], command)
            return explanation.format(**match.groupdict())
    if ambiguous := re.match(r"Ambiguous value for argument '(?P<key>[^=]*)=(?P<value>.*)' 1\. To use it as", message):
        key, value = ambiguous["key"], ambiguous["value"]
        one_text = shell_setting(key, quote_value(value))
        return f"{key}={value}: several values; add -m for a sweep; one text is quoted for Hydra: {one_text}"
    return f"the settings cannot be composed ({message}); `--help` lists the settings and their values"


def _how_to_quote(key: str, value: str) -> str:
    return f"the value cannot be read; a text is quoted for Hydra as well: {shell_setting(key, quote_value(value))}"


UNKNOWN = "unknown setting"
OF_HYDRA = {
    r"Could not override '(?P<key>.*?)'\. Did you mean to override (?P<meant>.*?)\?( |$)": "{key}: unknown setting; "
    "did you mean {meant}?",
    r"Could not override '(?P<key>.*?)'": UNKNOWN,
    r"config group '(?P<key>.*?)' does not exist": UNKNOWN,
    r"Could not delete from config\. '(?P<key>.*?)' does not exist": UNKNOWN,
    r"An item is already at '(?P<key>.*?)'": "+{key}: the setting exists; write it without +",
    r"Multiple values for (?P<key>[^ ]*)\.": "+{key}: a file of {key} is chosen already; write {key}=... without +",
    r"force-add of config groups is not supported: '\+*(?P<setting>.*?)'": "++{setting}: write it without +",
    r"The value of '(?P<key>.*?)' is (?P<value>.*) and not (?P<other>.*)\.$": "~{key}={other}: the value is {value}; "
    "~{key} removes it, whatever it is",
    r"Could not delete '(?P<key>.*?)(=(?P<choice>.*))?'\. No match": "~{key}: the group has another choice, or none; "
    "~{key} removes it, whatever it is",
    r"Sweep parameters '(?P<setting>.*)' requires --multirun": "{setting}: several values; add -m for a sweep",
    r"Sweeping over Hydra's configuration is not supported : '(?P<setting>.*)'": "{setting}: a sweep over settings of "
    "Hydra is not possible; give one value",
    r"Cannot find primary config '(?P<name>.*?)'": "--config-name={name}: no such file; leave the option out, or "
    "name a file of the folder that --config-dir names",
    r"Additional config directory '(?P<folder>.*)' not found": "--config-dir={folder}: no such folder; name one with "
    "files of settings",
    r"Primary config (module|directory) (not found\. Check that the config directory )?'(?P<folder>.*?)'": "--config-"
    "path: {folder} is no folder of settings; leave the option out, or use --config-dir",
}
"""Hydra's messages about settings that it cannot compose, as patterns, and what to say instead."""


def _explain_instantiation(error: InstantiationException) -> str:
    """Returns why an object that `_target_` names cannot be made."""
    message = str(error)
    target = re.search(r"target '(.*?)'|in call to target '(.*?)'|_target_\W+'?([\w.]+)", message)
    key = re.search(r"full_key: (\S+)", message)
    cause = f" ({reason(error.__cause__)})" if error.__cause__ else ""
    if target is None:
        return " ".join(message.partition(", set env var")[0].split()) + cause
    name = next(filter(None, target.groups()))
    problem = "cannot be imported" if "locating" in message or "loading" in message else "cannot be constructed"
    place = f"{key[1]}._target_={name}" if key else name
    return f"{place}: {problem}{cause}; correct the class or its arguments"

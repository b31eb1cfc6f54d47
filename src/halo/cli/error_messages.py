"""One-line error messages and exit statuses."""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator

from hydra.errors import HydraException, InstantiationException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from halo.cli.known_settings import known_settings
from halo.cli.standard_streams import print_message
from halo.config import describe
from halo.config.messages import unknown_setting
from halo.runtime.errors import InputError, TrainingError, printable, reason
from halo.runtime.process_ranks import is_first_process

EXPECTED_ERRORS = (InputError, TrainingError, HydraException, OmegaConfBaseException)
"""Errors that a user can act on."""

TRACEBACK = "HALO_TRACEBACK"
"""The environment variable that, set to 1, shows tracebacks."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it: 128 plus the number of SIGINT."""

AMBIGUOUS = re.compile(r"Ambiguous value for argument '(?P<setting>.*)' 1\. To use it as a list")
"""Hydra's message for a value with commas outside a sweep."""

QUOTING = """quote it twice, as in prompt="'in march, people'\""""


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
            message = f"the output folder cannot be written ({reason(error)}); free some space, or use another folder"
        else:
            message = f"the settings cannot be composed ({reason(error)}); `--help` lists the settings and their values"
        print_error(InputError(message), command)
        sys.exit(2)


def print_error(error: Exception, command: str = "") -> None:
    """Prints each line of an error's explanation as `error: ...`, or raises the error where tracebacks are wanted.

    Args:
        error: The error.
        command: The command whose settings are suggested for an unknown one.
    """
    if wants_traceback():
        raise error
    problems = re.sub(r"\n\s+", " ", explain(error, command))  # libraries indent what continues a line
    for line in problems.splitlines():
        print_message(f"error: {printable(line)}")


def exit_status(error: Exception) -> int:
    """Returns 1 for a training run that cannot continue, and 2 for input that cannot be used."""
    return 1 if isinstance(error, TrainingError) else 2


def wants_traceback() -> bool:
    """Returns whether errors are to be shown with their traceback."""
    return os.environ.get(TRACEBACK) == "1"


def explain(error: Exception, command: str = "") -> str:
    """Returns what is wrong, one problem a line, without the parts of Hydra's message that do not help.

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
        return unknown_setting(str(error.full_key), known_settings(command)) if is_unknown else describe(error)
    return _explain_composition(error) if isinstance(error, HydraException) else str(error)


def _explain_composition(error: HydraException) -> str:
    """Returns why Hydra could not compose the settings."""
    message = " ".join(str(error).split("Config search path")[0].split())
    if isinstance(error, OverrideParseException):
        if "=" not in error.override:
            return f"{error.override}: settings are given as KEY=VALUE, and `--help` lists them"
        return f"{error.override}: the value cannot be read; if it has special characters, {QUOTING}"
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        one_of = "one of " if len(error.options) > 1 else ""
        return f"{group}={choice}: choose {one_of}{', '.join(sorted(error.options))}"
    if isinstance(error, InstantiationException):
        message = message.partition(", set env var")[0]
        return f"{message} ({reason(error.__cause__)})" if error.__cause__ else message
    if ambiguous := AMBIGUOUS.match(message):
        return f"{ambiguous['setting']}: several values; add -m for a sweep over them, or, if it is one text, {QUOTING}"
    return message

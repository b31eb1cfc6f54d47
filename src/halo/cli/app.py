"""Turns a function of a composed configuration into a command with Hydra's settings and one-line errors."""

import functools
import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import hydra
from omegaconf import DictConfig

from halo.cli.arguments import Arguments, parse_arguments, repeated_settings
from halo.cli.current_job import FailedJob, in_sweep, output_dir
from halo.cli.error_messages import (
    EXPECTED_ERRORS,
    TRACEBACK,
    error_lines,
    exit_on_error,
    exit_status,
    print_error,
    wants_traceback,
)
from halo.cli.help import help_text
from halo.cli.launched_ranks import launched_ranks_repeat_this_job, silence
from halo.cli.multirun.recording import finish_multirun
from halo.cli.output_folder import discard_output, finish_output, require_current_folder
from halo.cli.standard_streams import print_message, print_output, standard_streams
from halo.config import conf_dir
from halo.distributed.settling import log_notes
from halo.runtime.errors import Stopped, TrainingError, reason
from halo.runtime.process_ranks import is_first_process

log = logging.getLogger(__name__)

Task = Callable[[DictConfig], float | None]

BROKEN_PIPE = 128 + signal.SIGPIPE
"""The exit status of a command whose output nobody reads any more."""


@dataclass
class Progress:
    """How far a command has come.

    Attributes:
        started: The number of jobs that have started: their settings are composed and their output folders exist.
        refused: The number of jobs that ended before they wrote anything.
        failures: The errors that ended jobs of a sweep in this process; a launcher may use others.
        notes: What to log when the first job starts.
    """

    started: int = 0
    refused: int = 0
    failures: list[Exception] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _unchanged(arguments: Arguments) -> Arguments:
    return arguments


def command(
    name: str, *, rewrite: Callable[[Arguments], Arguments] = _unchanged
) -> Callable[[Task], Callable[[], None]]:
    """Returns a decorator that makes a command of a function of the composed configuration `conf/NAME.yaml`.

    The command reads its settings from `sys.argv`. Its exit status is

    - 2 for a setting, file or prompt that cannot be used: one line for each, and no output folder is left behind;
    - 1 for a training run that started and cannot continue, or 75 if its disk is full: one line;
    - 3 for a trial that its sweep has pruned: one line;
    - 130 after Ctrl-C, and 128 plus the signal's number after any other signal that stops a training run: one line.

    In a sweep a failed job counts as infinitely bad, whatever ended it, the other jobs still run, and the exit status
    is that of the worst failure. `HALO_TRACEBACK=1` in the environment shows the traceback of an error instead of its
    line.

    Args:
        name: The command.
        rewrite: Turns its command line into one that `conf/NAME.yaml` can be composed with.
    """

    def decorate(task: Task) -> Callable[[], None]:
        @functools.wraps(task)
        def main() -> None:
            progress = Progress()
            status_of_sweep = 0
            try:
                with standard_streams(), exit_on_error(name, has_started=lambda: progress.started > 0):
                    require_current_folder()
                    arguments = parse_arguments(name, sys.argv[1:])
                    if arguments.wants_help:
                        print_output(help_text(name, arguments.settings, config_dir=arguments.config_dir))
                        return
                    progress.notes = repeated_settings(arguments.settings)
                    arguments = rewrite(arguments)
                    sys.argv[1:] = [*arguments.options, *arguments.settings]
                    # Without it Hydra prints its own errors, over several lines, and exits with status 1.
                    os.environ["HYDRA_FULL_ERROR"] = "1"
                    hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name=name)(
                        _job(name, task, progress)
                    )()
            finally:
                status_of_sweep = finish_multirun()
                finish_output(keep=progress.started > progress.refused)
            if status := max([status_of_sweep, *map(exit_status, progress.failures)]):
                sys.exit(status)

        return main

    return decorate


def _job(name: str, task: Task, progress: Progress) -> Task:
    """Returns the task with error handling, for a single run or one job of a sweep."""

    @functools.wraps(task)
    def job(composed: DictConfig) -> float | None:
        progress.started += 1
        if not is_first_process():
            silence()
        log_notes()
        while progress.notes:
            log.info(progress.notes.pop(0))
        try:
            with launched_ranks_repeat_this_job(composed):
                return task(composed)
        except EXPECTED_ERRORS as error:
            if not isinstance(error, TrainingError):
                progress.refused += 1
                discard_output(output_dir())
            if not in_sweep():
                print_error(error, name)
                sys.exit(exit_status(error))
            return _failed(error, name, progress)
        except Stopped as stop:
            if not is_first_process():
                sys.exit(0)  # any other status, and Lightning would kill the first process before it prints this
            print_message(str(stop))
            sys.exit(stop.exit_status)
        except KeyboardInterrupt:
            progress.refused += 1  # or stopped later: a folder that holds more than Hydra's files is kept
            raise
        except (Exception, SystemExit) as error:
            if not in_sweep() or (isinstance(error, SystemExit) and error.code == BROKEN_PIPE):
                raise
            return _failed(_as_failure(error), name, progress)
        finally:
            gc.collect()  # a Trainer is part of reference cycles: a sweep would keep those of all its jobs

    return job


def _as_failure(error: BaseException) -> TrainingError:
    """Returns the one-line error for what ends a job of a sweep without being expected."""
    is_exit = isinstance(error, SystemExit)
    problem = (
        f"the job ended itself with exit status {error}" if is_exit else f"{type(error).__name__}: {reason(error)}"
    )
    failure = TrainingError(f"{problem}; {TRACEBACK}=1 shows where")
    failure.__cause__ = error
    return failure


def _failed(error: Exception, command: str, progress: Progress) -> FailedJob:
    """Prints the error that ends a job of a sweep, with its traceback where these are wanted; the other jobs go on."""
    if wants_traceback():
        traceback.print_exception(error)
    else:
        print_error(error, command)
    progress.failures.append(error)
    return FailedJob(exit_status(error), "; ".join(error_lines(error, command)))

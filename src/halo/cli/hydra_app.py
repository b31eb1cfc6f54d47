"""What the commands share: Hydra in front, one line for what the user got wrong, nothing left of a refused run."""

import argparse
import contextlib
import difflib
import functools
import gc
import logging
import math
import os
import re
import shutil
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TextIO

import hydra
import yaml
from hydra._internal.hydra import Hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from halo.config import conf_dir, describe
from halo.runtime.errors import InputError, Stopped, TrainingError

EXPLAINED = (InputError, TrainingError, HydraException, OmegaConfBaseException)
HYDRA_ERRORS = "HYDRA_FULL_ERROR"
TRACEBACK = "HALO_TRACEBACK"
HELP = {"-h", "--help"}
FAST_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INTERRUPTED = 130  # as a shell has it for SIGINT


class TerminalHandler(logging.StreamHandler[TextIO]):
    """Writes messages to what is standard output at the moment: a progress bar redirects it to keep its place below."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one message."""
        self.stream = sys.stdout
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Writes no more where nobody reads any more, as in `halo.prepare | head`."""
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            super().handleError(record)


def command(name: str) -> Callable[[Callable[[DictConfig], float | None]], Callable[[], None]]:
    """Returns a decorator that makes a program of a function on the composed configuration `conf/NAME.yaml`.

    A setting, file or prompt that cannot be used ends the program with one line and exit code 2, and leaves no output
    folder; a training run that cannot go on ends it with one line and exit code 1, Ctrl-C with one line and exit code
    130, another signal that stops a training with 128 and its number. In a sweep the other jobs go on after a failure,
    a failed one counts as infinitely bad, and the exit code comes at the end. With `HALO_TRACEBACK=1` in the
    environment errors come with their traceback.
    """

    def decorate(task: Callable[[DictConfig], float | None]) -> Callable[[], None]:
        failures: list[Exception] = []
        began: list[str] = []

        @functools.wraps(task)
        def job(composed: DictConfig) -> float | None:
            if not is_first_process():
                logging.disable(logging.WARNING)
            began.append(name)
            try:
                with children_repeat_this_job():
                    return task(composed)
            except EXPLAINED as error:
                if not isinstance(error, TrainingError):
                    discard_empty_run(output_dir())
                print_error(error)
                if not in_sweep():
                    sys.exit(exit_code(error))
                failures.append(error)
                return math.inf
            except Stopped as stop:
                if not is_first_process():
                    sys.exit(0)  # else Lightning would end the first process before it has said this
                print(stop, file=sys.stderr)
                sys.exit(128 + stop.signal_number)
            except KeyboardInterrupt:
                discard_empty_run(output_dir())
                raise
            finally:
                gc.collect()  # a Trainer and its parts hold each other: a sweep would keep those of all jobs, and files

        program = hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name=name)(job)

        @functools.wraps(task)
        def main() -> None:
            failures.clear()
            began.clear()
            with full_hydra_errors(), exit_on_error(began), options_told_in_one_line(), composed_once():
                if sys.argv[1:] and {*sys.argv[1:]} <= HELP:
                    print(help_text(name))
                else:
                    program()
            if failures:
                sys.exit(max(map(exit_code, failures)))

        return main

    return decorate


def help_text(name: str) -> str:
    """Returns what `--help` alone prints, as Hydra would: its own way takes twice the time, for groups of its own.

    Args:
        name: The command.
    """
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        composed = hydra.compose(name, return_hydra_config=True)
    template = string.Template(composed.hydra.help.template)
    with open_dict(composed):
        del composed["hydra"]
    groups = [folder for folder in sorted(conf_dir().iterdir()) if folder.is_dir() and folder.name != "hydra"]
    lines = [f"{each.name}: {', '.join(sorted(file.stem for file in each.glob('*.yaml')))}\n" for each in groups]
    return template.substitute(APP_CONFIG_GROUPS="".join(lines), CONFIG=OmegaConf.to_yaml(composed))


@contextlib.contextmanager
def exit_on_error(began: list[str]) -> Iterator[None]:
    """Ends the program with one line and its exit code after what a user can do something about.

    Args:
        began: Not empty once a job has begun: from then on an `OSError` is not of Hydra's making.
    """
    try:
        yield
    except EXPLAINED as error:
        print_error(error)
        sys.exit(exit_code(error))
    except OSError as error:
        if began or wants_traceback():
            raise
        # Hydra has not come further than the folder that it makes for each run.
        place = f"the output folder cannot be written ({error.strerror})"
        print(f"error: {place}; make room, or run from another folder", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if began or wants_traceback():
            raise
        # Hydra has not come further than the settings, and takes some that it cannot put together for its own mistakes.
        told = " ".join(str(error).split())[:200] or type(error).__name__
        print_error(InputError(f"the settings cannot be put together ({told}); `--help` lists what they may be"))
        sys.exit(2)
    except KeyboardInterrupt:
        if wants_traceback():
            raise
        if is_first_process():
            print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


@contextlib.contextmanager
def options_told_in_one_line() -> Iterator[None]:
    """Lets an option that Hydra does not have be an `InputError`, and not the usage of Hydra over many lines."""

    def refuse(self: argparse.ArgumentParser, message: str) -> NoReturn:
        raise InputError(f"{message}; settings are given as KEY=VALUE, `--help` lists them")

    before = argparse.ArgumentParser.error
    argparse.ArgumentParser.error = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        argparse.ArgumentParser.error = before  # type: ignore[method-assign]


@contextlib.contextmanager
def composed_once() -> Iterator[None]:
    """Keeps Hydra from composing all settings before it composes them, only to see whether one is `hydra.mode`.

    It still does where an argument, or a file of `conf/`, may name that one, and where a folder of settings is added.
    """
    compose_for_mode = Hydra.get_mode

    def get_mode(self: Hydra, config_name: str | None, overrides: list[str]) -> Any:
        folders = [source.path for source in self.config_loader.get_sources() if source.scheme() == "file"]
        texts = [*overrides, *(file.read_text(encoding="utf-8") for file in conf_dir().rglob("*.yaml"))]
        may_be_set = any(re.search(r"\bhydra\b", each) and re.search(r"\bmode\b", each) for each in texts)
        is_added = folders != [str(conf_dir())]
        return compose_for_mode(self, config_name, overrides) if may_be_set or is_added else None

    Hydra.get_mode = get_mode  # type: ignore[method-assign]
    try:
        yield
    finally:
        Hydra.get_mode = compose_for_mode  # type: ignore[method-assign]


def print_error(error: Exception) -> None:
    """Prints an error in one line, or raises it where tracebacks are asked for."""
    if wants_traceback():
        raise error
    line = "".join(each if each.isprintable() else "\ufffd" for each in f"error: {explain(error)}")
    print(line, file=sys.stderr)


def wants_traceback() -> bool:
    """Returns whether errors are to come with their traceback."""
    return os.environ.get(TRACEBACK) == "1"


def is_first_process() -> bool:
    """Returns whether this process is the first of those that train on this machine, which speaks for all."""
    return int(os.environ.get("LOCAL_RANK", "0")) == 0


def exit_code(error: Exception) -> int:
    """Returns 1 for a run that could not go on, 2 for what the user gave."""
    return 1 if isinstance(error, TrainingError) else 2


def in_sweep() -> bool:
    """Returns whether this job is one of a multirun."""
    return bool(HydraConfig.get().mode == RunMode.MULTIRUN)


@contextlib.contextmanager
def full_hydra_errors() -> Iterator[None]:
    """Lets Hydra raise its errors instead of printing them over several lines and leaving with exit code 1."""
    before = os.environ.get(HYDRA_ERRORS)
    os.environ[HYDRA_ERRORS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[HYDRA_ERRORS]
        else:
            os.environ[HYDRA_ERRORS] = before


def explain(error: Exception) -> str:
    """Returns an error as one line, with the nearest known key where a key is unknown."""
    cause = error.__cause__
    if isinstance(error, HydraException) and isinstance(
        cause, InputError
    ):  # a part of the configuration refused itself
        return explain(cause)
    if isinstance(error, HydraException) and isinstance(cause, OmegaConfBaseException) and cause.full_key:
        return explain(cause)
    if isinstance(error, OverrideParseException):
        return f"{error.override}: {error.args[0].splitlines()[0]}"
    if isinstance(error, OmegaConfBaseException):
        near = _nearest_key(str(error.full_key)) if "not in" in str(error) else ""
        return describe(error) + near
    return " ".join(line.strip() for line in str(error).split("Config search path")[0].splitlines() if line.strip())


def _nearest_key(key: str) -> str:
    known: list[str] = []

    def collect(node: object, path: str) -> None:
        if isinstance(node, dict):
            for name, child in node.items():
                known.append(f"{path}{name}")
                collect(child, f"{path}{name}.")

    for file in conf_dir().rglob("*.yaml"):
        folder = file.parent.relative_to(conf_dir())
        settings = yaml.load(file.read_text(encoding="utf-8"), Loader=FAST_YAML)
        collect(settings, "" if folder == Path() else f"{folder}.")
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]}?" if near else "; `--help` lists all keys"


def output_dir() -> Path:
    """Returns the folder that Hydra made for this job."""
    return Path(HydraConfig.get().runtime.output_dir)


def discard_empty_run(folder: Path) -> None:
    """Removes the output folder of a refused job, and the folders above it that it leaves empty.

    Only what Hydra itself wrote is removed: a folder that holds anything else stays as it is.
    """
    own = {str(HydraConfig.get().output_subdir), f"{HydraConfig.get().job.name}.log"}
    if not folder.is_dir() or {path.name for path in folder.iterdir()} - own:
        return
    root = logging.getLogger()
    for handler in list(root.handlers):  # else the next message would look for the folder
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).is_relative_to(folder):
            root.removeHandler(handler)
            handler.close()
    shutil.rmtree(folder)
    for parent in folder.parents:
        if parent == Path.cwd() or parent.name == "outputs":
            return
        try:
            parent.rmdir()
        except OSError:
            return


@contextlib.contextmanager
def children_repeat_this_job() -> Iterator[None]:
    """Sees to it that processes which Lightning starts for further devices run this job, and only this.

    Lightning repeats the command line and adds Hydra's run folder. In a sweep that line would start the sweep again in
    every child, and the run folder would be another one; so for the length of the job both are this job's own.
    """
    instance: Any = HydraConfig.instance().cfg
    argv, hydra_node = sys.argv, instance.hydra
    run_dir = hydra_node.run.dir
    with read_write(hydra_node.run):
        hydra_node.run.dir = hydra_node.runtime.output_dir
    if in_sweep():
        folders = [source.path for source in hydra_node.runtime.config_sources if source.provider == "command-line"]
        options = [part for folder in folders for part in ("--config-dir", folder)]
        sys.argv = [argv[0], *options, *hydra_node.overrides.task]
    try:
        yield
    finally:
        sys.argv = argv
        with read_write(hydra_node.run):
            hydra_node.run.dir = run_dir

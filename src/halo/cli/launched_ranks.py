"""The processes of further devices: launched by Lightning, or by torchrun and srun together with this one."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any, cast

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, read_write

from halo.cli.current_job import in_sweep, run_folder
from halo.distributed.launchers import launcher
from halo.distributed.settling import settle_command, settle_ranks
from halo.runtime.errors import InputError
from halo.runtime.hydra_quoting import quote_value
from halo.runtime.process_ranks import FIRST_PROCESS, is_launched_by_first_process, leave_process_group

OBSERVER = "child-process-observer"
"""The name of Lightning's thread that watches the processes it has launched."""

END_SECONDS = 10
"""How long these may take to end after the job."""


def settle_ranks_of(config: DictConfig) -> None:
    """Decides whether this process works alone or as one of several, from the settings that Hydra composed.

    A process that has nothing to do, because a command that does not train was started several times, ends here.

    Raises:
        InputError: The environment and the settings do not agree.
    """
    if "trainer" not in config:
        if not settle_command(str(config.hydra.job.name)):
            sys.exit(0)
        return
    trainer = OmegaConf.to_container(config.trainer, resolve=True)
    assert isinstance(trainer, dict)
    settle_ranks(cast(dict[str, Any], trainer))
    if is_launched_by_first_process():
        first = os.environ[FIRST_PROCESS]
        threading.Thread(target=_exit_with_first_process, args=(first,), daemon=True).start()


def require_no_launcher() -> None:
    """Raises `InputError` if this process is one of several: each of them would run the sweep."""
    started = launcher()
    if started and started.num_processes > 1:
        raise InputError(
            f"-m: a sweep cannot be started by {started.name}; without it, each job launches its own processes"
        )


def silence() -> None:
    """Hides messages and warnings of this process, which the first one gives too; torch must not be loaded yet."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"


def _exit_with_first_process(first: str) -> None:
    """Ends this process within a second after the first one, whose end it would notice only in minutes otherwise.

    Args:
        first: The process id of the first one.
    """
    while str(os.getppid()) == first:
        time.sleep(1)
    os._exit(1)


@contextlib.contextmanager
def launched_ranks_repeat_this_job(composed: DictConfig) -> Iterator[None]:
    """Makes the processes that Lightning launches repeat this job only, in this job's output folder.

    Lightning launches them with this process's command line (`sys.argv`) and with `hydra.run.dir`. In a sweep that
    command line would start the whole sweep again in every process, and `hydra.run.dir` would be another folder. Both
    are replaced by the job's own while it runs. What Lightning writes into the environment is undone, since it would
    make the next job of a sweep wait for processes that have ended.

    Args:
        composed: The job's settings.
    """
    instance: Any = HydraConfig.instance().cfg
    argv, hydra_config, environment = sys.argv, instance.hydra, dict(os.environ)
    before = hydra_config.run.dir
    with read_write(hydra_config.run):
        hydra_config.run.dir = hydra_config.runtime.output_dir
    if not is_launched_by_first_process():
        os.environ[FIRST_PROCESS] = str(os.getpid())
    if in_sweep():
        sources = hydra_config.runtime.config_sources
        folders = [source.path for source in sources if source.provider == "command-line"]
        options = [part for folder in folders for part in ("--config-dir", folder)]
        sys.argv = [argv[0], *options, *hydra_config.overrides.task, "hydra.mode=RUN"]
        if (run_dir := OmegaConf.select(composed, "run_dir")) is not None:
            sys.argv.append(f"run_dir={quote_value(str(run_folder(str(run_dir))))}")
    try:
        yield
    finally:
        if in_sweep():
            end_launched_processes()
            leave_process_group()
        sys.argv = argv
        os.environ.clear()
        os.environ.update(environment)
        with read_write(hydra_config.run):
            hydra_config.run.dir = before


def end_launched_processes() -> None:
    """Waits for the processes that Lightning has launched for a job, and kills those that do not end by themselves.

    Lightning's thread that watches them would otherwise kill this process, and with it the jobs that follow, seconds
    after one of them has ended with an error.
    """
    for thread in threading.enumerate():
        if thread.name != OBSERVER:
            continue
        observer = cast(Any, thread)
        processes, observer._child_processes = [*observer._child_processes], []  # it ends when it has none to watch
        for process in processes:
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

"""The processes that Lightning launches for further devices."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, read_write

from halo.cli.current_job import in_sweep, run_folder
from halo.runtime.hydra_quoting import quote_value


def is_first_process() -> bool:
    """Returns whether this is the first training process on this machine, the one that prints messages."""
    return int(os.environ.get("LOCAL_RANK", "0")) == 0


@contextlib.contextmanager
def launched_ranks_repeat_this_job(composed: DictConfig) -> Iterator[None]:
    """Makes the processes that Lightning launches repeat this job only, in this job's output folder.

    Lightning launches them with this process's command line (`sys.argv`) and with `hydra.run.dir`. In a sweep that
    command line would start the whole sweep again in every process, and `hydra.run.dir` would be another folder. Both
    are replaced by the job's own while it runs.

    Args:
        composed: The job's settings.
    """
    instance: Any = HydraConfig.instance().cfg
    argv, hydra_config = sys.argv, instance.hydra
    before = hydra_config.run.dir
    with read_write(hydra_config.run):
        hydra_config.run.dir = hydra_config.runtime.output_dir
    if in_sweep():
        sources = hydra_config.runtime.config_sources
        folders = [source.path for source in sources if source.provider == "command-line"]
        options = [part for folder in folders for part in ("--config-dir", folder)]
        sys.argv = [argv[0], *options, *hydra_config.overrides.task]
        if (run_dir := OmegaConf.select(composed, "run_dir")) is not None:
            sys.argv.append(f"run_dir={quote_value(str(run_folder(run_dir)))}")
    try:
        yield
    finally:
        sys.argv = argv
        with read_write(hydra_config.run):
            hydra_config.run.dir = before

"""Train with many settings of a search space, and say which is best."""

import logging
import signal
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.arguments import Arguments
from halo.config import SweepConfig, parse
from halo.runtime.errors import Stopped
from halo.runtime.hydra_quoting import repeated_argument
from halo.sweeping.command.command_line import separate_settings
from halo.training.resume.stop_signals import requeue, slurm_job

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


_given: list[str] = []  # the command line, before it is rewritten


def _rewritten(arguments: Arguments) -> Arguments:
    _given[:] = [*arguments.options, *arguments.settings]
    return separate_settings(arguments)


@command("sweep", rewrite=_rewritten)
def main(composed: "DictConfig") -> None:
    """Runs the trials of the study that are left, and prints and writes the table of all of them."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig

    config = parse(composed, SweepConfig)
    hydra = HydraConfig.get()
    study = config.study or str(hydra.runtime.choices["search_space"])
    folders = [source.path for source in hydra.runtime.config_sources if source.provider == "command-line"]

    GlobalHydra.instance().clear()  # the settings of the trials are composed next

    from halo.sweeping.command.sweep import run_sweep

    try:
        run_sweep(config, _given, study=study, config_dir=folders[0] if folders else None)
    except Stopped as stopped:
        stopped.hint = f"`{_repeat_command(config.storage)}` goes on with them"
        job = slurm_job()
        if signal.Signals(stopped.signal_number).name == "SIGUSR1" and job is not None:
            log.info("SLURM job %s %s", job, requeue(job))
        raise


def _repeat_command(storage: str | None) -> str:
    """Returns the command, without the password of a storage."""
    from halo.sweeping.storage import shown_storage

    command = " ".join(["python", "-m", "halo.sweep", *map(repeated_argument, _given)])
    return command if storage is None else command.replace(storage, shown_storage(storage))


if __name__ == "__main__":
    main()

"""Logs to Weights & Biases: settings and figures only, online or into the run folder."""

import logging
import os
import shutil
from pathlib import Path
from typing import Any

from lightning.fabric.loggers.logger import rank_zero_experiment
from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.utilities import rank_zero_only

from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, packages_of_extra, reason
from halo.runtime.process_ranks import is_first_process

log = logging.getLogger(__name__)

RUN_ID = "run_id"
NOT_ONLINE = ("offline", "dryrun", "disabled")
"""Values of `WANDB_MODE` with which nothing is sent."""

START_SECONDS, FINISH_SECONDS = 60, 120
"""How long a server may take to answer at the start, and to receive what is left at the end."""

OFFLINE_INSTEAD = "logger.wandb.offline=true keeps the logs in the run folder, for `wandb sync`"


class RunWandbLogger(WandbLogger):
    """Lightning's logger for a run folder: it sends figures and settings, and ends with the run.

    What W&B would send as well is left out: what is printed (it has samples of the text), the source code, the
    installed packages, the host and the command line.

    Args:
        save_dir: The run folder; W&B writes in `wandb` below it.
        offline: Whether to keep the logs in the run folder instead of sending them.
        machine_info: Whether to log the machine, and how busy it is.
        arguments: The other arguments of Lightning's logger, and those of `wandb.init`.

    Raises:
        InputError: wandb is not installed, there is no API key, or the server does not accept it or cannot be reached.
    """

    def __init__(self, save_dir: str, *, offline: bool = False, machine_info: bool = False, **arguments: Any) -> None:
        self._folder = Path(save_dir) / "wandb"
        offline = offline or os.environ.get("WANDB_MODE") in NOT_ONLINE
        variables = {"WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}
        variables |= {"WANDB_CACHE_DIR": str(self._folder / "cache"), "WANDB_DATA_DIR": str(self._folder / "cache")}
        if offline:  # online, it may have the address of the user's own server
            variables["WANDB_CONFIG_DIR"] = str(self._folder / "cache")
        for name, value in variables.items():
            os.environ.setdefault(name, value)
        with packages_of_extra("wandb", purpose="logger=wandb"):
            import wandb
        if not offline and is_first_process():
            try:
                _require_login()
            except InputError:
                shutil.rmtree(self._folder, ignore_errors=True)  # the run is refused: W&B's messages about itself
                raise
        settings = wandb.Settings(
            silent=True,
            console="off",
            disable_git=True,
            save_code=False,
            x_save_requirements=False,
            x_disable_machine_info=not machine_info,
            init_timeout=START_SECONDS,
            finish_timeout=FINISH_SECONDS,
        )
        super().__init__(save_dir=save_dir, offline=offline, settings=settings, **arguments)
        self._wandb_init.pop("anonymous", None)  # W&B warns of it whatever its value is
        if offline:
            self._wandb_init.pop("resume", None)  # likewise; the id is enough for `wandb sync`

    @property
    @rank_zero_experiment
    def experiment(self) -> Any:
        """The run of W&B, which the first use starts."""
        if self._experiment is not None:
            return self._experiment
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            run = super().experiment
        except Exception as error:  # of W&B and of the network
            raise InputError(f"logger.wandb: the run cannot be started ({reason(error)}); {OFFLINE_INSTEAD}") from error
        if run.id:
            atomic_write(self._folder / RUN_ID, f"{run.id}\n")
        where = f"wandb sync {Path(run.dir).parent}, to upload it" if self._offline else run.url
        log.info("W&B: %s", where)
        return run

    @rank_zero_only
    def resume(self) -> None:
        """Continues the run of W&B that this run has logged to, if there is one."""
        file = self._folder / RUN_ID
        if file.is_file():
            self._wandb_init["id"] = self._id = file.read_text(encoding="utf-8").strip()

    @rank_zero_only
    def finish(self, *, has_failed: bool) -> None:
        """Sends what is left and ends the process of W&B; a server that is away has `FINISH_SECONDS`."""
        if self._experiment is None:
            return
        try:
            self._experiment.finish(exit_code=int(has_failed))
        except Exception as error:
            log.warning("W&B lacks the last figures (%s); `wandb sync` sends them from %s", reason(error), self._folder)


def _require_login() -> None:
    """Raises `InputError` unless there is an API key that the server accepts; never asks for one."""
    import wandb

    try:
        is_logged_in = wandb.login(prompt=False)
    except Exception as error:  # of W&B and of the network
        raise InputError(f"logger.wandb: the server cannot be used ({reason(error)}); {OFFLINE_INSTEAD}") from error
    if not is_logged_in:
        raise InputError(f"logger.wandb: no API key; set WANDB_API_KEY or run `wandb login`; {OFFLINE_INSTEAD}")

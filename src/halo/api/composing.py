"""Settings for Python calls: the files of conf/ and overrides, composed as on the command line."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from halo.cli.arguments import hydra_settings
from halo.cli.error_messages import explain
from halo.config import conf_dir
from halo.runtime.errors import InputError, require
from halo.runtime.hydra_quoting import quote_value


def compose_settings(
    command: str, overrides: Sequence[str], *, config_dir: str | os.PathLike[str] | None, **values: Any
) -> DictConfig:
    """Returns the settings of a command.

    Args:
        command: The command, such as `train`.
        overrides: As on its command line, such as `model.hidden=128`.
        config_dir: A folder with further groups and files, as `--config-dir`.
        values: Top-level settings that take precedence, as plain values.

    Raises:
        InputError: `config_dir` does not exist; or an override is malformed, or names a setting or file that does not
            exist.
    """
    search = []
    if config_dir is not None:
        require(
            Path(config_dir).is_dir(), "config_dir", config_dir, "no such folder; name one with configuration files"
        )
        search.append(f"hydra.searchpath=[{quote_value(f'file://{Path(config_dir).resolve()}')}]")
    try:
        with initialize_config_dir(str(conf_dir()), version_base="1.3"):
            composed = compose(command, overrides=[*search, *hydra_settings(command, overrides)])
        for key, value in values.items():
            composed[key] = value
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(explain(error, command)) from error
    return composed

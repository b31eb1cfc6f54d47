"""Write a trained model for other programs, such as onnxruntime."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.config import ExportConfig, parse
from halo.runtime.errors import packages_of_extra
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("export")
def main(composed: "DictConfig") -> None:
    """Writes the folder, and prints what is in it."""
    config = parse(composed, ExportConfig)
    limit_threads(measure_cores())

    from halo.exporting.export_model import export_model

    with packages_of_extra("export", purpose=f"format={config.format}"):
        log.info(export_model(config))


if __name__ == "__main__":
    main()

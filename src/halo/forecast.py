"""Forecast a series of numbers, beside persistence and GARCH."""

import logging
from typing import TYPE_CHECKING

from halo.cli.app import command
from halo.cli.current_job import output_dir
from halo.config import ForecastConfig, parse
from halo.runtime.threads import limit_threads, measure_cores

if TYPE_CHECKING:
    from omegaconf import DictConfig

log = logging.getLogger(__name__)


@command("forecast")
def main(composed: "DictConfig") -> None:
    """Prints scores, tests and a verdict, and writes forecasts.csv, forecast.html and metrics.json."""
    config = parse(composed, ForecastConfig)
    limit_threads(measure_cores())

    from halo.bundle.loading import open_model
    from halo.forecasting.files import write_files
    from halo.forecasting.forecast import forecast_all, open_series
    from halo.forecasting.terminal import report
    from halo.reports.console import relative_to_cwd, wrapped
    from halo.runtime.allocator import keep_freed_memory

    keep_freed_memory()
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    series = open_series(opened, config.path)
    for note in series.notes:
        log.warning(wrapped(f"Note: {note}"))
    forecasts = forecast_all(opened, series.histories, split=config.split, refit=config.refit)
    written = write_files(forecasts, output_dir(), split=config.split)
    log.info(report(forecasts, split=config.split))
    log.info("\n".join(f"{name}: {relative_to_cwd(file)}" for name, file in written.items()))


if __name__ == "__main__":
    main()

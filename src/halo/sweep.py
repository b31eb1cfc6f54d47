"""The table at the end of a Hydra multirun: one row a job."""

import csv
import json
import logging
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

log = logging.getLogger(__name__)

COLUMNS = ("validation_perplexity", "test_perplexity", "train_perplexity", "parameters", "minutes")


class SweepTable(Callback):
    """Prints the jobs of a sweep by validation perplexity, the lowest first, and writes them to sweep.csv."""

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Reads what each job left in its folder; a job without figures has failed."""
        from halo.reporting import table

        folder = Path(config.hydra.sweep.dir)
        jobs = sorted((path for path in folder.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        records = [{"job": path.name, **_overrides(path), **_figures(path)} for path in jobs]
        records.sort(key=lambda record: float(record[COLUMNS[0]] or "inf"))
        if not records:
            return
        header = list(dict.fromkeys(key for record in records for key in record))
        rows = [[record.get(key, "") for key in header] for record in records]
        with (folder / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        log.info("\n%s", table(f"Sweep {folder}, lowest validation perplexity first", header, rows))


def _overrides(job: Path) -> dict[str, str]:
    file = job / ".hydra" / "overrides.yaml"
    overrides: Any = OmegaConf.load(file) if file.is_file() else []
    return dict(str(override).lstrip("+").split("=", 1) for override in overrides)


def _figures(job: Path) -> dict[str, str]:
    file = job / "metrics.json"
    figures = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    shown = {key: f"{figures[key]:.4g}" if isinstance(figures.get(key), float) else figures.get(key) for key in COLUMNS}
    return {key: "" if value is None else str(value) for key, value in shown.items()}

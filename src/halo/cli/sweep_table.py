"""The table at the end of a sweep (a Hydra multirun): one row for each job."""

import csv
import json
import logging
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

log = logging.getLogger(__name__)

COLUMNS = {
    "metrics.json": ("validation_perplexity", "test_perplexity", "train_perplexity", "num_parameters", "minutes"),
    "lr_finder.json": ("suggested_lr",),
}
"""The figures to show from each file that a job may have written."""


class SweepTable(Callback):
    """Prints the jobs of a sweep, lowest validation perplexity first, and writes them to sweep.csv.

    The file has every setting of the command line, the printed table only those in which the jobs differ.
    """

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Reads the figures of each job from its folder; a job without figures has failed."""
        from halo.reports.console import table

        folder = Path(config.hydra.sweep.dir)
        jobs = sorted((path for path in folder.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))
        records = [{"job": path.name, **_overrides(path), **_figures(path)} for path in jobs]
        records.sort(key=lambda record: float(record.get("validation_perplexity") or "inf"))
        if not records:
            return
        header = list(dict.fromkeys(key for record in records for key in record))
        with (folder / "sweep.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *_rows(records, header)])
        figures = {"job", *(name for columns in COLUMNS.values() for name in columns)}
        shown = [key for key in header if key in figures or len({record.get(key) for record in records}) > 1]
        order = ", lowest validation perplexity first" if "validation_perplexity" in header else ""
        log.info("\n%s", table(f"Sweep {folder}{order}", shown, _rows(records, shown), width=160))


def _rows(records: list[dict[str, str]], header: list[str]) -> list[list[str]]:
    return [[record.get(key, "") for key in header] for record in records]


def _overrides(job: Path) -> dict[str, str]:
    file = job / ".hydra" / "overrides.yaml"
    overrides: Any = OmegaConf.load(file) if file.is_file() else []
    return dict(str(override).lstrip("+").split("=", 1) for override in overrides)


def _figures(job: Path) -> dict[str, str]:
    figures: dict[str, str] = {}
    for name, columns in COLUMNS.items():
        if (job / name).is_file():
            found = json.loads((job / name).read_text(encoding="utf-8"))
            figures |= {key: _text(found.get(key)) for key in columns}
    return figures


def _text(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:.4g}" if isinstance(figure, float) else str(figure)

"""The table at the end of a sweep (a Hydra multirun): one row for each job that ran."""

import contextlib
import csv
import io
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString
from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from halo.cli.current_job import FailedJob
from halo.config.messages import shown
from halo.runtime.atomic_files import atomic_write

log = logging.getLogger(__name__)

WIDTH = 80
INTERRUPTED, FINISHED, FAILED = "interrupted", "finished", "failed"
EXIT_STATUSES = {"refused": 2, FAILED: 1}
VALIDATION = "validation_perplexity"
FIGURES = {
    "metrics.json": (VALIDATION, "test_perplexity", "train_perplexity", "num_parameters", "minutes"),
    "lr_finder.json": ("suggested_lr",),
}
"""The figures to record from each file that a job may have written."""

SHOWN = {VALIDATION: "validation", "test_perplexity": "test", "minutes": "minutes", "suggested_lr": "suggested lr"}
"""The figures of the printed table, with their headings."""


@dataclass
class Job:
    """What is recorded of a job: once when it starts, and again when it ends.

    Attributes:
        number: The number of the job in the sweep.
        settings: The settings of its command line.
        status: `interrupted` until it ends.
        folder: The folder of its files; empty until it ends.
        figures: What it measured.
    """

    number: int
    settings: dict[str, str]
    status: str = INTERRUPTED
    folder: str = ""
    figures: dict[str, float | None] = field(default_factory=dict)


_sweeps: list["SweepTable"] = []
"""The sweep of this command until its table is printed; Hydra creates its callbacks itself and keeps them."""


class SweepTable(Callback):
    """Prints the jobs of a sweep, lowest validation perplexity first, and writes them to sweep.csv.

    The file has every setting of the command line, the printed table only those that the sweep varies. Each job adds
    its lines to a file of the sweep's folder, since a launcher may run it in another process.
    """

    def __init__(self) -> None:
        self.folder = Path()
        self.varied: list[str] = []

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Notes the sweep's folder and the settings that it varies."""
        self.folder = Path(config.hydra.sweep.dir).resolve()
        params = OmegaConf.select(config, "hydra.sweeper.params") or {}
        parsed = OverridesParser.create().parse_overrides(list(config.hydra.overrides.task))
        self.varied = [each.get_key_element().lstrip("+~") for each in parsed if each.is_sweep_override()]
        self.varied += [key.lstrip("+~") for key in params if key.lstrip("+~") not in self.varied]
        with contextlib.suppress(OSError):  # Hydra reports a folder that cannot be written
            self._records.unlink()  # of a sweep that was killed
        _sweeps.append(self)

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Logs the settings that tell this job from the others, and records that it has started."""
        if _in_sweep(config):
            job = _job_of(config)
            log.info("Job %d: %s", job.number, "  ".join(self._varied_settings(job)) or "no setting varies")
            self._record(job)

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Records how the job ended, and the figures that it has written."""
        if not _in_sweep(config):
            return
        job = _job_of(config)
        assert job_return.cfg is not None
        run_dir = OmegaConf.select(job_return.cfg, "run_dir") or config.hydra.runtime.output_dir
        job.folder = str(Path(run_dir).resolve())
        result = job_return.return_value if job_return.status == JobStatus.COMPLETED else FailedJob(FAILED)
        job.status = result.status if isinstance(result, FailedJob) else FINISHED
        if job.status == FINISHED:
            job.figures = _figures(Path(job.folder))
        self._record(job)

    @property
    def _records(self) -> Path:
        return self.folder / ".jobs.jsonl"

    def _record(self, job: Job) -> None:
        with self._records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(job)) + "\n")

    def _varied_settings(self, job: Job) -> list[str]:
        return [f"{key}={job.settings[key]}" for key in self.varied if key in job.settings]

    def finish(self) -> int:
        """Prints and writes the table, unless every job was refused; returns the exit status of the worst job."""
        if not self._records.is_file():
            return 0
        lines = self._records.read_text(encoding="utf-8").splitlines()
        self._records.unlink()
        jobs = {job.number: job for job in (Job(**json.loads(line)) for line in lines)}  # the last line of each
        ordered = sorted(jobs.values(), key=lambda job: (job.figures.get(VALIDATION) or float("inf"), job.number))
        if any(job.figures or job.status in (FAILED, INTERRUPTED) for job in ordered):
            atomic_write(self.folder / "sweep.csv", _csv(ordered))
            log.info("\n%s", self._table(ordered))
        return max(EXIT_STATUSES.get(job.status, 0) for job in ordered)

    def _table(self, jobs: Sequence[Job]) -> str:
        """Returns the table to print; the settings share a column where they do not fit side by side."""
        from halo.reports.console import relative_to_cwd, table

        names = [name for name in SHOWN if any(name in job.figures for job in jobs)]
        has_status = any(job.status != FINISHED for job in jobs)
        title = f"Sweep {relative_to_cwd(self.folder)} (sweep.csv in it has all settings and figures)"
        title += "\nPerplexities, lowest validation first" * (VALIDATION in names)
        varied = [key for key in self.varied if any(key in job.settings for job in jobs)]
        short = _short_names(varied)
        apart = [[str(job.number), *(job.settings.get(key, "") for key in varied)] for job in jobs]
        lines = [[f"{short[key]}={job.settings[key]}" for key in varied if key in job.settings] for job in jobs]
        together = [[str(job.number), "\n".join(each)] for job, each in zip(jobs, lines, strict=True)]
        figures = [
            [*(_text(name, job.figures.get(name)) for name in names), *[job.status] * has_status] for job in jobs
        ]
        headings = [*(SHOWN[name] for name in names), *["status"] * has_status]
        for settings, cells in ((varied, apart), (list(short.values()), apart), (["settings"], together)):
            header = ["job", *settings, *headings]
            rows = [[*left, *right] for left, right in zip(cells, figures, strict=True)]
            if _width(header, rows) <= WIDTH:
                break
        text_columns = [*range(len(settings) + 1), *[len(header) - 1] * has_status]
        return table(title, header, rows, text_columns=text_columns, width=WIDTH)


def finish_sweep() -> int:
    """Prints and writes the table of this command's sweep, if there is one, and returns the worst exit status of a job.

    The sweep has ended or was interrupted. A job that was interrupted does not count: the command ends with its signal.
    """
    statuses = [sweep.finish() for sweep in _sweeps]
    _sweeps.clear()
    return max(statuses, default=0)


def _in_sweep(config: DictConfig) -> bool:
    return OmegaConf.select(config, "hydra.job.num", throw_on_missing=False) is not None


def _job_of(config: DictConfig) -> Job:
    return Job(int(config.hydra.job.num), dict(map(_setting, config.hydra.overrides.task)))


def _setting(override: str) -> tuple[str, str]:
    """Returns the key and the value of a setting on the command line, without quotation marks.

    >>> _setting("+name='a, b'"), _setting("~callbacks.early_stopping")
    (('name', 'a, b'), ('callbacks.early_stopping', 'removed'))
    """
    parsed = OverridesParser.create().parse_override(override)
    key = parsed.get_key_element().lstrip("+~")
    value = parsed.value()
    if override.startswith("~"):
        return key, "removed"
    if isinstance(value, list | dict):
        return key, override.split("=", 1)[1]
    if isinstance(value, QuotedString):
        return key, value.text
    return key, value if isinstance(value, str) else shown(value)


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """Returns for each key as many of its last parts as tell it from the others.

    >>> _short_names(["optim.lr", "model.hidden", "data.path", "data.test.path"])
    {'optim.lr': 'lr', 'model.hidden': 'hidden', 'data.path': 'data.path', 'data.test.path': 'test.path'}
    """

    def endings(key: str) -> list[str]:
        parts = key.split(".")
        return [".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]

    count = Counter(ending for key in keys for ending in endings(key))
    return {key: next(each for each in [*endings(key), key] if count[each] == 1 or each == key) for key in keys}


def _figures(folder: Path) -> dict[str, float | None]:
    figures: dict[str, float | None] = {}
    for name, keys in FIGURES.items():
        if (folder / name).is_file():
            found = json.loads((folder / name).read_text(encoding="utf-8"))
            figures |= {key: found.get(key) for key in keys}
    return figures


def _csv(jobs: Sequence[Job]) -> str:
    records = [
        {"job": job.number, "status": job.status, "folder": job.folder, **job.settings, **job.figures} for job in jobs
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for record in records for key in record)))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _text(name: str, figure: float | None) -> str:
    """Returns a figure as the table shows it.

    >>> _text("minutes", 12345.67), _text("test_perplexity", 78.123), _text("suggested_lr", 0.0012345)
    ('12345.7', '78.12', '0.001234')
    """
    from halo.reports.console import number

    if figure is None:
        return ""
    return f"{figure:.4g}" if name == "suggested_lr" else number(figure, digits=1 if name == "minutes" else 2)


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Returns the width of a table in which no cell is wrapped."""
    columns = zip(header, *rows, strict=True)
    return 1 + sum(3 + max(len(line) for cell in column for line in cell.splitlines() or [""]) for column in columns)

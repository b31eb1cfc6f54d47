"""Records the jobs of a multirun as they start and end, and prints and writes its tables at the end."""

import contextlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from halo.cli.current_job import FailedJob, repeat_command
from halo.cli.multirun.jobs import FAILED, FINISHED, INTERRUPTED, Job, best_first, figures_of, settings_of
from halo.cli.multirun.tables import csv_text, multirun_tables
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import reason
from halo.runtime.hydra_quoting import argument

log = logging.getLogger(__name__)

_multiruns: list["MultirunTable"] = []
"""The multirun of this command until its table is printed; Hydra creates its callbacks itself and keeps them."""


class MultirunTable(Callback):
    """Prints the jobs of a multirun, lowest validation perplexity first, and writes them to sweep.csv.

    The file has every setting of the command line, the printed table only those that the multirun varies. Each job adds
    its lines to a file of the multirun's folder, since a launcher may run it in another process.
    """

    def __init__(self) -> None:
        self.folder = Path()
        self.varied: list[str] = []
        self.resume_command = ""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Notes the multirun's folder and the settings that it varies."""
        self.folder = Path(config.hydra.sweep.dir).resolve()
        self.varied = varied_settings(config)
        if "resume" in config and "run_dir" in config:
            folder = argument("run_dir", str(self.folder))
            self.resume_command = repeat_command(
                config.hydra, "-m", folder, "resume=auto", without=("run_dir", "resume")
            )
        with contextlib.suppress(OSError):  # Hydra reports a folder that cannot be written
            self._records.unlink()  # of a multirun that was killed
        _multiruns.append(self)

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        """Logs the settings that tell this job from the others, and records that it has started."""
        from halo.reports.console import wrapped

        if _in_multirun(config):
            job = Job(int(config.hydra.job.num), settings_of(config.hydra.overrides.task))
            log.info(wrapped(f"Job {job.number}: {'  '.join(self._varied_of(job)) or 'no setting varies'}"))
            self.record(job)

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Records how the job ended, and the figures that it has written."""
        if not _in_multirun(config):
            return
        job = Job(int(config.hydra.job.num), settings_of(config.hydra.overrides.task))
        assert job_return.cfg is not None
        run_dir = OmegaConf.select(job_return.cfg, "run_dir") or config.hydra.runtime.output_dir
        job.folder = str(Path(run_dir).resolve())
        result = job_return._return_value  # the property raises the error of a failed job
        if job_return.status != JobStatus.COMPLETED:
            job.status, job.reason, job.exit_status = FAILED, reason(result), 1
        elif isinstance(result, FailedJob):
            job.status, job.reason, job.exit_status = FAILED, result.reason, result.exit_status
        else:
            job.status, job.figures = FINISHED, figures_of(Path(job.folder))
        self.record(job)

    @property
    def _records(self) -> Path:
        return self.folder / ".jobs.jsonl"

    def record(self, job: Job) -> None:
        """Adds what is known of a job to the file of records."""
        with self._records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(job)) + "\n")

    def _varied_of(self, job: Job) -> list[str]:
        return [f"{key}={job.settings[key]}" for key in self.varied if key in job.settings]

    def finish(self) -> int:
        """Prints and writes the tables, unless every job was refused; returns the exit status of the worst job."""
        if not self._records.is_file():
            return 0
        lines = self._records.read_text(encoding="utf-8").splitlines()
        self._records.unlink()
        jobs = best_first(list({job.number: job for job in (Job(**json.loads(line)) for line in lines)}.values()))
        if any(job.figures or job.exit_status == 1 or job.status == INTERRUPTED for job in jobs):
            atomic_write(self.folder / "sweep.csv", csv_text(jobs))
            log.info("\n%s", multirun_tables(self.folder, jobs, self.varied))
            if self.resume_command and any(job.status == INTERRUPTED for job in jobs):
                log.info("Go on with its jobs, those that have finished left out:\n  %s", self.resume_command)
        return max(job.exit_status for job in jobs)


def varied_settings(config: DictConfig) -> list[str]:
    """Returns the keys of the settings that a multirun varies, from its composed settings."""
    params = OmegaConf.select(config, "hydra.sweeper.params") or {}
    parsed = OverridesParser.create().parse_overrides(list(config.hydra.overrides.task))
    varied = [each.get_key_element().lstrip("+~") for each in parsed if each.is_sweep_override()]
    return [*varied, *(key.lstrip("+~") for key in params if key.lstrip("+~") not in varied)]


def record_failure(number: int, overrides: Sequence[str], reason: str) -> None:
    """Records a job of this command's multirun that failed before it started."""
    for multirun in _multiruns:
        multirun.record(Job(number, settings_of(overrides), FAILED, reason, exit_status=2))


def finish_multirun() -> int:
    """Prints and writes the tables of this command's multirun, if there is one; returns the worst exit status of a job.

    The multirun has ended or was interrupted. A job that was interrupted does not count: the command ends with its
    signal.
    """
    statuses = [multirun.finish() for multirun in _multiruns]
    _multiruns.clear()
    return max(statuses, default=0)


def _in_multirun(config: DictConfig) -> bool:
    return OmegaConf.select(config, "hydra.job.num", throw_on_missing=False) is not None

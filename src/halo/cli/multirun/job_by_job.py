"""Runs the jobs of a multirun so that none of them can end it: neither its settings nor its output folder.

Hydra's own sweeper refuses a whole multirun where the settings of one job cannot be composed. Here the other jobs run,
with the numbers and folders that they have anyway, and the failed one is in the table.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn
from omegaconf import OmegaConf

from halo.cli.error_messages import error_lines, print_error_lines
from halo.cli.multirun.recording import record_failure
from halo.runtime.errors import InputError


def run_jobs(sweeper: BasicSweeper, arguments: Sequence[str]) -> list[list[JobReturn]]:
    """Runs a job for each combination of the values of a command line, and returns what Hydra knows of them.

    Args:
        sweeper: Hydra's sweeper, set up.
        arguments: The settings of the command line, of which some have several values.

    Raises:
        InputError: No job can be composed.
    """
    assert sweeper.config is not None
    assert sweeper.hydra_context is not None
    assert sweeper.launcher is not None
    command = str(sweeper.config.hydra.job.name)
    parser = OverridesParser.create(config_loader=sweeper.hydra_context.config_loader)
    overrides = parser.parse_overrides([*(f"{key}={value}" for key, value in sweeper.params.items()), *arguments])
    (jobs,) = sweeper.split_arguments(overrides, None)
    folder = Path(sweeper.config.hydra.sweep.dir)
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(sweeper.config, folder / "multirun.yaml")
    failed = _not_composed(sweeper, jobs, command)
    if len(failed) == len(jobs):
        raise InputError("\n".join(dict.fromkeys(line for lines in failed.values() for line in lines)))
    for number, lines in failed.items():
        _report(number, jobs[number], lines)
    limit = 1 if isinstance(sweeper.launcher, BasicLauncher) else sweeper.max_batch_size or len(jobs)
    returns = []
    for numbers in _batches(len(jobs), without=failed, limit=limit):
        batch = [jobs[number] for number in numbers]
        try:
            returns.append(list(sweeper.launcher.launch(batch, initial_job_idx=numbers[0])))
        except Exception as error:  # of an output folder, for instance; those of the job itself end in its result
            for number in numbers:
                _report(number, jobs[number], error_lines(_in_one_line(error), command))
    return returns


def _not_composed(sweeper: BasicSweeper, jobs: Sequence[Sequence[str]], command: str) -> dict[int, list[str]]:
    """Returns the numbers of the jobs whose settings cannot be composed, with the reasons."""
    failed = {}
    for number, job in enumerate(jobs):
        try:
            sweeper.validate_batch_is_legal([job])
        except Exception as error:  # Hydra and OmegaConf raise many types
            failed[number] = error_lines(error, command)
    return failed


def _batches(num_jobs: int, *, without: Collection[int], limit: int) -> Iterator[list[int]]:
    """Yields the numbers of the jobs that are launched together; Hydra numbers the jobs of a batch consecutively.

    Args:
        num_jobs: The number of all jobs.
        without: The numbers of those that are not launched.
        limit: The size of a batch, at most.

    >>> list(_batches(6, without={2}, limit=2))
    [[0, 1], [3, 4], [5]]
    """
    for is_left_out, together in groupby(range(num_jobs), key=without.__contains__):
        numbers = list(together)
        if not is_left_out:
            yield from (numbers[start : start + limit] for start in range(0, len(numbers), limit))


def _in_one_line(error: Exception) -> Exception:
    if not isinstance(error, OSError):
        return error
    place = f"{error.filename}: " if error.filename else ""
    return InputError(
        f"{place}the output folder cannot be made ({error.strerror or error}); give another name or folder"
    )


def _report(number: int, overrides: Sequence[str], lines: Sequence[str]) -> None:
    print_error_lines([f"job {number}: {line}" for line in lines])
    record_failure(number, overrides, "; ".join(lines))

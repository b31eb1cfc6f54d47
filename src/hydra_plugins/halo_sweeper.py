"""The sweeper of halo's commands, where Hydra looks for plugins; this folder must have no __init__.py."""

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.utils import JobReturn


class JobByJobSweeper(BasicSweeper):
    """Hydra's own sweeper, except that no job can end a multirun; `hydra/sweeper=basic` chooses the original."""

    def sweep(self, arguments: list[str]) -> list[list[JobReturn]]:
        """Runs the jobs of all combinations of values; see `run_jobs`."""
        from halo.cli.multirun.job_by_job import run_jobs  # other programs with Hydra load this file as well

        return run_jobs(self, arguments)

"""Logs to MLflow: by default to a database in the run folder, else to a server; a resumed run continues its run."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.fabric.loggers.logger import rank_zero_experiment
from lightning.pytorch.loggers import MLFlowLogger
from lightning.pytorch.utilities import rank_zero_only

from halo.runtime.errors import InputError, packages_of_extra, reason

log = logging.getLogger(__name__)

MAX_VALUE = 6_000
"""Characters of a parameter's value that MLflow accepts."""

MAX_BATCH = 100
"""Parameters that MLflow accepts at once."""

DATABASE, RUN_ID = "mlflow.db", "run_id"
"""Files in the logger's folder."""

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # 7 would be minutes until a server that is away is reported
}
"""Variables for MLflow, where the user has not set them."""


class RunMLflowLogger(MLFlowLogger):
    """Lightning's logger with the settings by their full names, and one MLflow run for a run that was resumed.

    Args:
        save_dir: The folder for the database and for the id of the MLflow run.
        tracking_uri: The store or server; None for `MLFLOW_TRACKING_URI`, or if that is not set for a database in
            `save_dir`. A `file:` store works as well, although MLflow no longer develops it.
        arguments: The other arguments of Lightning's logger.

    Raises:
        InputError: MLflow is not installed.
    """

    def __init__(self, save_dir: str, *, tracking_uri: str | None = None, **arguments: Any) -> None:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        self._folder = Path(save_dir)
        uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self._folder / DATABASE}"
        with packages_of_extra("mlflow", purpose="logger=mlflow"):
            import mlflow  # noqa: F401
        if uri.startswith("file:"):
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        for name in ("mlflow", "alembic", "lightning.pytorch.loggers.mlflow"):  # how tables and experiments are made
            logging.getLogger(name).setLevel(logging.ERROR)
        self._logged_to: dict[str, int] = {}
        self._lost_from: int | None = None
        try:
            with packages_of_extra("mlflow", purpose="a database of MLflow"):
                super().__init__(save_dir=save_dir, tracking_uri=uri, **arguments)
        except InputError:
            raise
        except Exception as error:  # of MLflow and of the store
            raise self._unusable(uri, error) from error

    @property
    @rank_zero_experiment
    def experiment(self) -> Any:
        """The client of MLflow; the first use creates the MLflow run, and notes its id."""
        if self._initialized:
            return self._mlflow_client
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            client = super().experiment
        except Exception as error:
            raise self._unusable(self._tracking_uri, error) from error
        (self._folder / RUN_ID).write_text(f"{self._run_id}\n", encoding="utf-8")
        return client

    def _unusable(self, uri: str, error: Exception) -> InputError:
        problem = f"the store cannot be used ({reason(error)}); correct it, or leave it out for one in the run folder"
        return InputError(f"logger.mlflow.tracking_uri={uri}: {problem}")

    @rank_zero_only
    def resume(self) -> None:
        """Continues the MLflow run that this run has logged to, if there is one.

        What is logged again from the resume checkpoint on is the same to the last digit, and is left out.

        Raises:
            InputError: The store has no such run.
        """
        file = self._folder / RUN_ID
        if not file.is_file():
            return
        self._run_id = file.read_text(encoding="utf-8").strip()
        client = self.experiment
        client.update_run(self._run_id, status="RUNNING")
        for key in client.get_run(self._run_id).data.metrics:
            self._logged_to[key] = max(each.step for each in client.get_metric_history(self._run_id, key))

    @rank_zero_only
    def log_hyperparams(self, params: dict[str, Any]) -> None:  # type: ignore[override]
        """Logs the settings by their full names; those that the MLflow run has already cannot be changed."""
        from mlflow.entities import Param

        known = self.experiment.get_run(self.run_id).data.params
        flat = {key: str(value) for key, value in _flat(params).items() if key not in known}
        if too_long := [key for key, value in flat.items() if len(value) > MAX_VALUE]:
            log.warning("MLflow has only the first %d characters of %s", MAX_VALUE, ", ".join(too_long))
        settings = [Param(key, value[:MAX_VALUE]) for key, value in flat.items()]
        for start in range(0, len(settings), MAX_BATCH):
            self.experiment.log_batch(run_id=self.run_id, params=settings[start : start + MAX_BATCH])

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Logs figures, except those that were logged before the run resumed.

        A store that can no longer be reached does not end the training: one line says from which step on figures lack.
        """
        if self._lost_from is not None:
            return
        new = {key: value for key, value in metrics.items() if (step or 0) > self._logged_to.get(key, -1)}
        if not new:
            return
        try:
            super().log_metrics(new, step)
        except InputError:
            raise
        except Exception as error:  # of MLflow, of the database and of the network
            self._lost_from = step or 0
            log.warning("MLflow lacks the figures from step %d on: %s", self._lost_from, reason(error))

    @rank_zero_only
    def finalize(self, status: str = "success") -> None:
        """Notes in the MLflow run how the training ended."""
        try:
            super().finalize(status)
        except Exception as error:
            log.warning("MLflow does not know that the run ended: %s", reason(error))


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns settings by their full keys.

    >>> _flat({"seed": 1, "optim": {"lr": 0.1}})
    {'seed': 1, 'optim.lr': 0.1}
    """
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat

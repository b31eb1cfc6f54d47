"""Settings of each command, one module for each; those of `halo.train` are in `config/training.py`."""

from halo.config.commands.auditing.audit import AuditCommandConfig
from halo.config.commands.classification.classify import ClassifyConfig
from halo.config.commands.classification.predict import PredictConfig
from halo.config.commands.compare import CompareConfig
from halo.config.commands.evaluate import EvaluateConfig
from halo.config.commands.export import ExportConfig
from halo.config.commands.forecasting.forecast import ForecastConfig
from halo.config.commands.generate import GenerateConfig
from halo.config.commands.genome import GenomeCommandConfig
from halo.config.commands.prepare import PrepareConfig
from halo.config.commands.report import ReportConfig
from halo.config.commands.scoring.score import ScoreConfig
from halo.config.commands.serve import ServeConfig
from halo.config.commands.show import ShowConfig
from halo.config.commands.sweep import SweepConfig
from halo.config.commands.topic_modelling.topics import TopicsConfig
from halo.config.training import TrainConfig

SCHEMAS: dict[str, type] = {
    "train": TrainConfig,
    "audit": AuditCommandConfig,
    "prepare": PrepareConfig,
    "classify": ClassifyConfig,
    "compare": CompareConfig,
    "evaluate": EvaluateConfig,
    "forecast": ForecastConfig,
    "generate": GenerateConfig,
    "genome": GenomeCommandConfig,
    "export": ExportConfig,
    "report": ReportConfig,
    "serve": ServeConfig,
    "score": ScoreConfig,
    "predict": PredictConfig,
    "show": ShowConfig,
    "sweep": SweepConfig,
    "topics": TopicsConfig,
}
"""The settings of each command that reads `conf/COMMAND.yaml`."""

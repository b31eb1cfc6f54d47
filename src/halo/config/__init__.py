"""The settings: what each one means, what it may be, and the one place where it is checked.

Hydra composes the YAML files of `conf/`, the only home of defaults. `parse` turns the result into the Pydantic
dataclasses below, once, and all code after it reads attributes; `dataclasses.replace` returns a changed copy, which is
checked too. The classes are apart from the code that they configure, so that a wrong setting is reported before torch
is imported; neither Hydra nor torch is needed to import this package.
"""

from halo.config.commands import SCHEMAS
from halo.config.commands.auditing.audit import AuditCommandConfig
from halo.config.commands.classification.classify import AdaptationConfig, ClassifierConfig, ClassifyConfig
from halo.config.commands.classification.predict import PredictConfig
from halo.config.commands.compare import CompareConfig
from halo.config.commands.evaluate import EvaluateConfig
from halo.config.commands.export import ExportConfig
from halo.config.commands.forecasting.forecast import ForecastConfig
from halo.config.commands.generate import DTYPES, GenerateConfig
from halo.config.commands.genome import GenomeCommandConfig
from halo.config.commands.prepare import PrepareConfig
from halo.config.commands.report import ReportConfig
from halo.config.commands.scoring.score import ScoreConfig
from halo.config.commands.serve import ServeConfig
from halo.config.commands.show import ShowConfig
from halo.config.commands.sweep import SweepConfig
from halo.config.commands.topic_modelling.topics import TopicsConfig
from halo.config.custom import CustomConfig, CustomModelConfig
from halo.config.data import SPLITS, DataConfig, DuplicatesConfig, SplitConfig
from halo.config.domains.card import CardConfig, DataCardConfig
from halo.config.domains.files import DELIMITERS
from halo.config.domains.genome import GenomeConfig
from halo.config.domains.series import SeriesConfig
from halo.config.domains.text import CLEANING_STEPS, CleaningConfig, TokenizerConfig
from halo.config.lightning import RESERVED, lightning_settings
from halo.config.messages import shown, unknown_setting
from halo.config.model import ModelConfig, ModelVariant, RecurrentConfig, TransformerConfig
from halo.config.optim import (
    AdamConfig,
    AdamWConfig,
    AveragingConfig,
    AveragingVariant,
    ConstantConfig,
    CosineConfig,
    EMAConfig,
    GradientClipConfig,
    NoAveragingConfig,
    NTASGDConfig,
    OneCycleConfig,
    OptimConfig,
    OptimVariant,
    PlateauConfig,
    ScheduleConfig,
    ScheduleVariant,
    SGDConfig,
)
from halo.config.parsing import conf_dir, default_cache_dir, describe, parse, plain
from halo.config.saved import SavedConfig
from halo.config.settings import Setting, settings_of
from halo.config.training import (
    AUTO,
    AuditConfig,
    RunConfig,
    SampledSoftmaxConfig,
    SamplesConfig,
    SamplingConfig,
    TrainConfig,
    default_sampling,
)

__all__ = [
    "AUTO",
    "CLEANING_STEPS",
    "DELIMITERS",
    "DTYPES",
    "RESERVED",
    "SCHEMAS",
    "SPLITS",
    "AdamConfig",
    "AdamWConfig",
    "AdaptationConfig",
    "AuditCommandConfig",
    "AuditConfig",
    "AveragingConfig",
    "AveragingVariant",
    "CardConfig",
    "ClassifierConfig",
    "ClassifyConfig",
    "CleaningConfig",
    "CompareConfig",
    "ConstantConfig",
    "CosineConfig",
    "CustomConfig",
    "CustomModelConfig",
    "DataCardConfig",
    "DataConfig",
    "DuplicatesConfig",
    "EMAConfig",
    "EvaluateConfig",
    "ExportConfig",
    "ForecastConfig",
    "GenerateConfig",
    "GenomeCommandConfig",
    "GenomeConfig",
    "GradientClipConfig",
    "ModelConfig",
    "ModelVariant",
    "NTASGDConfig",
    "NoAveragingConfig",
    "OneCycleConfig",
    "OptimConfig",
    "OptimVariant",
    "PlateauConfig",
    "PredictConfig",
    "PrepareConfig",
    "RecurrentConfig",
    "ReportConfig",
    "RunConfig",
    "SGDConfig",
    "SampledSoftmaxConfig",
    "SamplesConfig",
    "SamplingConfig",
    "SavedConfig",
    "ScheduleConfig",
    "ScheduleVariant",
    "ScoreConfig",
    "SeriesConfig",
    "ServeConfig",
    "Setting",
    "ShowConfig",
    "SplitConfig",
    "SweepConfig",
    "TokenizerConfig",
    "TopicsConfig",
    "TrainConfig",
    "TransformerConfig",
    "conf_dir",
    "default_cache_dir",
    "default_sampling",
    "describe",
    "lightning_settings",
    "parse",
    "plain",
    "settings_of",
    "shown",
    "unknown_setting",
]

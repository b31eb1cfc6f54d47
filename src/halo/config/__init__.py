"""The configuration: what every setting is, what it may be, and the one place where it is checked.

Hydra composes the YAML files of `conf/`, which are the only home of defaults; `parse` turns the result into the
dataclasses below, once, and everything after it reads attributes. The dataclasses stand here, apart from the code that
they configure, so that a wrong setting is told before torch is imported.
"""

from halo.config.commands import EvaluateConfig, GenerateConfig, PrepareConfig, SavedConfig
from halo.config.data import (
    CLEANING_STEPS,
    SPLITS,
    CleaningConfig,
    DataConfig,
    DuplicatesConfig,
    SplitConfig,
    TokenizerConfig,
)
from halo.config.model import ModelConfig, RecurrentConfig, TransformerConfig
from halo.config.parsing import conf_dir, describe, parse, plain
from halo.config.training import (
    AUTO,
    AdamConfig,
    AdamWConfig,
    AveragingConfig,
    CosineConfig,
    EMAConfig,
    GradientClipConfig,
    NTASGDConfig,
    OneCycleConfig,
    OptimConfig,
    PlateauConfig,
    SampledSoftmaxConfig,
    SamplesConfig,
    SamplingConfig,
    ScheduleConfig,
    SGDConfig,
    TrainConfig,
)

__all__ = [
    "AUTO",
    "CLEANING_STEPS",
    "SPLITS",
    "AdamConfig",
    "AdamWConfig",
    "AveragingConfig",
    "CleaningConfig",
    "CosineConfig",
    "DataConfig",
    "DuplicatesConfig",
    "EMAConfig",
    "EvaluateConfig",
    "GenerateConfig",
    "GradientClipConfig",
    "ModelConfig",
    "NTASGDConfig",
    "OneCycleConfig",
    "OptimConfig",
    "PlateauConfig",
    "PrepareConfig",
    "RecurrentConfig",
    "SGDConfig",
    "SampledSoftmaxConfig",
    "SamplesConfig",
    "SamplingConfig",
    "SavedConfig",
    "ScheduleConfig",
    "SplitConfig",
    "TokenizerConfig",
    "TrainConfig",
    "TransformerConfig",
    "conf_dir",
    "describe",
    "parse",
    "plain",
]

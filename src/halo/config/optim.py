"""Settings of how weights are updated: optimizer, learning-rate schedule, averaging, gradient clipping."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag
from pydantic.dataclasses import dataclass

from halo.config.custom import CustomConfig, variant_of
from halo.config.fields import OPTIONS, Allowed, CountFromZero, Divisor, Fraction, NonNegative, Positive, Probability


@dataclass(config=OPTIONS)
class OptimConfig:
    """Settings that every optimizer of the package has."""

    name: str = Field(description="Name of the optimizer.")
    lr: Positive = Field(description="Learning rate: the highest of the schedule.")
    weight_decay: NonNegative = Field(description="Decay of the weights; biases and norms are not decayed.")


@dataclass(config=OPTIONS)
class SGDConfig(OptimConfig):
    """Settings of stochastic gradient descent."""

    name: Literal["sgd"] = Field(description="Name of the optimizer.")
    momentum: Probability = Field(description="Momentum; 0 is plain gradient descent.")


Betas = Annotated[
    Annotated[list[Probability], Field(min_length=2, max_length=2)], Allowed("two numbers from 0 to below 1")
]
_BETAS = "Decay rates of the running means of the gradient and of its square."


@dataclass(config=OPTIONS)
class AdamConfig(OptimConfig):
    """Settings of Adam (Kingma and Ba 2015), which adds weight decay to the gradient."""

    name: Literal["adam"] = Field(description="Name of the optimizer.")
    betas: Betas = Field(description=_BETAS)


@dataclass(config=OPTIONS)
class AdamWConfig(OptimConfig):
    """Settings of AdamW (Loshchilov and Hutter 2019), which decays the weights apart from the gradient."""

    name: Literal["adamw"] = Field(description="Name of the optimizer.")
    betas: Betas = Field(description=_BETAS)


@dataclass(config=OPTIONS)
class ScheduleConfig:
    """Settings that every learning-rate schedule of the package has."""

    name: str = Field(description="Name of the schedule.")


@dataclass(config=OPTIONS)
class ConstantConfig(ScheduleConfig):
    """Settings of a learning rate that does not change."""

    name: Literal["constant"] = Field(description="Name of the schedule.")


@dataclass(config=OPTIONS)
class OneCycleConfig(ScheduleConfig):
    """Settings of the one-cycle schedule: up to `lr`, then down along a cosine (Smith and Topin 2018)."""

    name: Literal["one_cycle"] = Field(description="Name of the schedule.")
    warmup_fraction: Fraction = Field(description="Fraction of all steps in which the learning rate rises.")
    start_divisor: Divisor = Field(description="The first learning rate is optim.lr divided by this.")
    end_divisor: Divisor = Field(description="The last learning rate is optim.lr divided by this.")


@dataclass(config=OPTIONS)
class CosineConfig(ScheduleConfig):
    """Settings of the cosine schedule: linearly up to `lr`, then down along a cosine (Loshchilov and Hutter 2017)."""

    name: Literal["cosine"] = Field(description="Name of the schedule.")
    warmup_fraction: Probability = Field(
        description="Fraction of all steps in which the learning rate rises; 0 starts at optim.lr.",
    )
    end_divisor: Divisor = Field(description="The last learning rate is optim.lr divided by this.")


@dataclass(config=OPTIONS)
class PlateauConfig(ScheduleConfig):
    """Settings of the plateau schedule, which lowers the learning rate when validation stops improving."""

    name: Literal["plateau"] = Field(description="Name of the schedule.")
    factor: Fraction = Field(description="The learning rate is multiplied by this when validation stops improving.")
    patience: CountFromZero = Field(description="Validations without improvement before the learning rate is lowered.")


@dataclass(config=OPTIONS)
class AveragingConfig:
    """Settings that every average of the weights has."""

    name: str = Field(description="Name of the average.")


@dataclass(config=OPTIONS)
class NoAveragingConfig(AveragingConfig):
    """Settings of a run without an average: the weights are evaluated and saved as trained."""

    name: Literal["none"] = Field(description="Name of the average.")


@dataclass(config=OPTIONS)
class EMAConfig(AveragingConfig):
    """Settings of an exponential moving average of the weights after each step."""

    name: Literal["ema"] = Field(description="Name of the average.")
    decay: Fraction = Field(
        description="Share of the average kept at each step: it spans about 1 / (1 - decay) steps. Lower in the first "
        "steps.",
    )


@dataclass(config=OPTIONS)
class NTASGDConfig(AveragingConfig):
    """Settings of NT-ASGD: the mean of the weights since validation stopped improving (Merity et al. 2018)."""

    name: Literal["nt_asgd"] = Field(description="Name of the average.")
    patience: CountFromZero = Field(
        description="Averaging starts when a validation is worse than the best one before the last `patience` "
        "validations.",
    )


@dataclass(config=OPTIONS)
class GradientClipConfig:
    """Settings of gradient clipping, which bounds exploding gradients (Pascanu et al. 2013)."""

    algorithm: Literal["norm", "value"] = Field(
        description="norm scales the gradient if its norm over all parameters exceeds the limit; value limits each "
        "component.",
    )
    value: Positive | None = Field(description="The limit. null: no clipping.")


OptimVariant = Annotated[
    Annotated[SGDConfig, Tag("SGDConfig")]
    | Annotated[AdamConfig, Tag("AdamConfig")]
    | Annotated[AdamWConfig, Tag("AdamWConfig")]
    | Annotated[CustomConfig, Tag("CustomConfig")],
    Discriminator(variant_of(SGDConfig, AdamConfig, AdamWConfig, CustomConfig)),
]
ScheduleVariant = Annotated[
    Annotated[OneCycleConfig, Tag("OneCycleConfig")]
    | Annotated[CosineConfig, Tag("CosineConfig")]
    | Annotated[PlateauConfig, Tag("PlateauConfig")]
    | Annotated[ConstantConfig, Tag("ConstantConfig")]
    | Annotated[CustomConfig, Tag("CustomConfig")],
    Discriminator(variant_of(OneCycleConfig, CosineConfig, PlateauConfig, ConstantConfig, CustomConfig)),
]
AveragingVariant = Annotated[
    Annotated[NoAveragingConfig, Tag("NoAveragingConfig")]
    | Annotated[EMAConfig, Tag("EMAConfig")]
    | Annotated[NTASGDConfig, Tag("NTASGDConfig")],
    Discriminator(variant_of(NoAveragingConfig, EMAConfig, NTASGDConfig)),
]

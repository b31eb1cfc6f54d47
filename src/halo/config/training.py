"""Settings of a training run: optimizer, schedule, clipping, samples, and the whole of it."""

import math
from dataclasses import dataclass
from typing import Any

from halo.config.data import DataConfig
from halo.config.model import ModelConfig
from halo.runtime.errors import require

AUTO = "auto"
"""What `resume` is where a run goes on if there is one, and begins else."""


@dataclass
class OptimConfig:
    """The optimizer; `name` selects the class.

    Attributes:
        lr: Learning rate: the highest that the schedule reaches.
        weight_decay: Decay of the weights; biases are left alone.
    """

    name: str
    lr: float
    weight_decay: float

    def __post_init__(self) -> None:
        require(0 < self.lr < math.inf, "optim.lr", self.lr, "a number above 0 is needed")
        require(0 <= self.weight_decay < math.inf, "optim.weight_decay", self.weight_decay, "0 or more is needed")


@dataclass
class SGDConfig(OptimConfig):
    """Stochastic gradient descent."""

    momentum: float

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.momentum < 1, "optim.momentum", self.momentum, "a number from 0 to below 1 is needed")


@dataclass
class AdamConfig(OptimConfig):
    """Adam (Kingma and Ba 2015), whose weight decay is a part of the gradient."""

    betas: list[float]

    def __post_init__(self) -> None:
        super().__post_init__()
        valid = len(self.betas) == 2 and all(0 <= beta < 1 for beta in self.betas)
        require(valid, "optim.betas", self.betas, "two numbers from 0 to below 1 are needed")


@dataclass
class AdamWConfig(AdamConfig):
    """AdamW (Loshchilov and Hutter 2019), whose weight decay is apart from the gradient."""


@dataclass
class ScheduleConfig:
    """The learning-rate schedule; `name` selects it."""

    name: str


@dataclass
class OneCycleConfig(ScheduleConfig):
    """Up from `lr / start_divisor` to `lr`, then down along a cosine to `lr / end_divisor` (Smith and Topin 2018).

    Attributes:
        warmup_fraction: Share of all steps that go up.
        start_divisor: What the first learning rate is smaller by.
        end_divisor: What the last learning rate is smaller by.
    """

    warmup_fraction: float
    start_divisor: float
    end_divisor: float

    def __post_init__(self) -> None:
        fraction = self.warmup_fraction
        require(0 < fraction < 1, "schedule.warmup_fraction", fraction, "a fraction above 0 and below 1 is needed")
        for key in ("start_divisor", "end_divisor"):
            require(getattr(self, key) >= 1, f"schedule.{key}", getattr(self, key), "at least 1 is needed")


@dataclass
class CosineConfig(ScheduleConfig):
    """Up in a straight line to `lr`, then down along a cosine to `lr / end_divisor` (Loshchilov and Hutter 2017).

    Attributes:
        warmup_fraction: Share of all steps that go up; 0 begins at `lr`.
        end_divisor: What the last learning rate is smaller by.
    """

    warmup_fraction: float
    end_divisor: float

    def __post_init__(self) -> None:
        fraction = self.warmup_fraction
        require(0 <= fraction < 1, "schedule.warmup_fraction", fraction, "a fraction from 0 to below 1 is needed")
        require(self.end_divisor >= 1, "schedule.end_divisor", self.end_divisor, "at least 1 is needed")


@dataclass
class PlateauConfig(ScheduleConfig):
    """`lr` times `factor` whenever validation has not improved for more than `patience` validations."""

    factor: float
    patience: int

    def __post_init__(self) -> None:
        require(0 < self.factor < 1, "schedule.factor", self.factor, "a factor above 0 and below 1 is needed")
        require(self.patience >= 0, "schedule.patience", self.patience, "0 or more is needed")


@dataclass
class AveragingConfig:
    """What is averaged into the weights that are evaluated and saved; `name` selects it, `none` is no average."""

    name: str


@dataclass
class EMAConfig(AveragingConfig):
    """An exponential moving average of the weights after each step.

    Attributes:
        decay: Share of the average that stays in each step; in the first steps it is less.
    """

    decay: float

    def __post_init__(self) -> None:
        require(0 < self.decay < 1, "averaging.decay", self.decay, "a number above 0 and below 1 is needed")


@dataclass
class NTASGDConfig(AveragingConfig):
    """The mean of the weights after each step since validation stopped improving (NT-ASGD, Merity et al. 2018).

    Attributes:
        patience: The mean begins when a validation is worse than the best one before the last `patience` ones.
    """

    patience: int

    def __post_init__(self) -> None:
        require(self.patience >= 0, "averaging.patience", self.patience, "0 or more is needed")


@dataclass
class GradientClipConfig:
    """What keeps exploding gradients in bounds (Pascanu et al. 2013).

    Attributes:
        algorithm: `norm` scales the gradient where its norm over all parameters exceeds `value`; `value` limits each
            component.
        value: The limit; null does not clip.
    """

    algorithm: str
    value: float | None

    def __post_init__(self) -> None:
        names = ("norm", "value")
        require(self.algorithm in names, "gradient_clip.algorithm", self.algorithm, "choose one of norm, value")
        valid = self.value is None or self.value > 0
        require(valid, "gradient_clip.value", self.value, "a number above 0, or null for none, is needed")


@dataclass
class SampledSoftmaxConfig:
    """Which words the training loss compares a target with (Jean et al. 2015; Botev et al. 2017).

    Attributes:
        num_frequent: So many of the most frequent words in every step, and the word of rank r beyond them in a share
            num_frequent / r of the steps; null compares with the whole vocabulary.
    """

    num_frequent: int | None

    def __post_init__(self) -> None:
        valid = self.num_frequent is None or self.num_frequent >= 1
        allowed = "at least 1, or null for the whole vocabulary, is needed"
        require(valid, "sampled_softmax.num_frequent", self.num_frequent, allowed)


@dataclass
class SamplingConfig:
    """How the next words are drawn.

    Attributes:
        num_words: Tokens to write: words and punctuation marks, or the characters or pieces of such a tokenizer.
        temperature: Divides the logits: below 1 safer, above 1 wilder, 0 always the likeliest word.
        top_k: Draw among the k likeliest words only; 0 sets no such limit.
        top_p: Draw among the fewest words that hold this share of the probability; 1 sets no such limit.
        seed: Seed of the random choices.
    """

    num_words: int
    temperature: float
    top_k: int
    top_p: float
    seed: int

    def __post_init__(self) -> None:
        require(self.num_words >= 1, "num_words", self.num_words, "at least 1 is needed")
        require(0 <= self.temperature < math.inf, "temperature", self.temperature, "0 or more is needed")
        require(self.top_k >= 0, "top_k", self.top_k, "0 (no limit) or more is needed")
        require(0 < self.top_p <= 1, "top_p", self.top_p, "a share above 0, up to 1 (no limit), is needed")
        require(0 <= self.seed < 2**63, "seed", self.seed, "a whole number from 0 to below 2^63 is needed")


@dataclass
class SamplesConfig(SamplingConfig):
    """The texts that a training run writes after each validation, always from the same beginnings.

    Attributes:
        prompts: Beginnings; an empty one stands for the beginning of a paragraph.
    """

    prompts: list[str]


@dataclass
class TrainConfig:
    """All of `python -m halo.train`.

    Attributes:
        run_dir: The folder of the run; null takes Hydra's output folder.
        resume: What the run goes on from: a run folder or a point in it; auto takes `run_dir` where it holds a run, and
            begins one else; null begins a run.
        seed: Of weights, dropout and sampling.
        seeds: Number of runs with one seed after the other, from `seed` on, each in `run_dir/seed_SEED`.
        find_lr: Whether to look for a learning rate instead of training.
        trainer: Passed on to `lightning.Trainer` as it is.
        callbacks: Lightning callbacks, each with a `_target_`.
        logger: Lightning loggers, each with a `_target_`.
    """

    run_dir: str | None
    resume: str | None
    seed: int
    seeds: int
    find_lr: bool
    data: DataConfig
    model: ModelConfig
    optim: OptimConfig
    schedule: ScheduleConfig
    averaging: AveragingConfig
    gradient_clip: GradientClipConfig
    sampled_softmax: SampledSoftmaxConfig
    samples: SamplesConfig
    trainer: dict[str, Any]
    callbacks: dict[str, Any]
    logger: dict[str, Any]

    def __post_init__(self) -> None:
        require(0 <= self.seed < 2**32, "seed", self.seed, "a whole number from 0 to below 2^32 is needed")
        require(1 <= self.seeds <= 2**32 - self.seed, "seeds", self.seeds, "a number of runs, at least 1, is needed")
        require(self.resume is None or not self.find_lr, "resume", self.resume, "find_lr=true is not gone on with")
        require(
            self.seeds == 1 or not self.find_lr, "seeds", self.seeds, "find_lr=true takes one seed: leave seeds at 1"
        )

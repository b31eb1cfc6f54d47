"""Settings of a training run: loss, samples, and the run as a whole."""

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator
from pydantic.dataclasses import dataclass

from halo.config.custom import TARGET
from halo.config.data import DataConfig
from halo.config.domains.card import CardConfig
from halo.config.fields import OPTIONS, Count, CountFromZero, NonNegative, PathText, Seed, Share
from halo.config.lightning import CALLBACKS, LOGGERS, TRAINER
from halo.config.messages import shown
from halo.config.model import ModelVariant
from halo.config.optim import AveragingVariant, GradientClipConfig, OptimVariant, ScheduleVariant
from halo.config.parsing import command_defaults, parse
from halo.runtime.errors import require

AUTO = "auto"
"""The value of `resume` that continues the run in `run_dir` if there is one, and starts one otherwise."""


@dataclass(config=OPTIONS)
class SampledSoftmaxConfig:
    """Settings of the sampled softmax: words the training loss compares a target with (Botev et al. 2017)."""

    num_frequent: Count | None = Field(
        description="Number of the most frequent words that are compared at every step; of the others the word of rank "
        "r is drawn in num_frequent / r of the steps. Validation and test compare all words. null: all words.",
    )


@dataclass(config=OPTIONS)
class SamplingConfig:
    """Settings of how the next tokens are drawn."""

    num_words: Count = Field(
        description="Tokens to generate: words and punctuation marks, or the characters or subwords of the tokenizer.",
    )
    temperature: NonNegative = Field(
        description="Divides the logits: below 1 safer, above 1 more random, 0 always the likeliest token.",
    )
    top_k: CountFromZero = Field(description="Draw only from the k likeliest tokens. 0: no limit.")
    top_p: Share = Field(
        description="Draw only from the fewest tokens that hold this share of the probability. 1: no limit.",
    )
    min_p: Annotated[float, Field(strict=True, ge=0, le=1)] = Field(
        description="Draw only from tokens with at least this share of the likeliest token's probability. 0: no limit.",
    )
    typical_p: Share = Field(
        description="Draw only from the tokens with this share of the probability whose surprisal is nearest to the "
        "expected one (locally typical sampling). 1: no limit.",
    )
    repetition_penalty: Annotated[float, Field(strict=True, ge=1, le=10)] = Field(
        description="Raises the probability of a token among the last 64, prompt included, to this power before "
        "anything is drawn. 1: no penalty.",
    )
    no_repeat_ngram: CountFromZero = Field(
        description="Length of the sequences of tokens that occur only once in a text, prompt included. 0: no limit.",
    )
    seed: Seed = Field(description="Seed of the random choices; the same seed generates the same text.")


@dataclass(config=OPTIONS)
class SamplesConfig(SamplingConfig):
    """Settings of the texts generated after each validation, always from the same prompts."""

    prompts: list[str] | None = Field(
        description="Prompts of the samples; an empty one starts a paragraph. null: an empty one, and the two most "
        "frequent beginnings of paragraphs of the validation text.",
    )


@dataclass(config=OPTIONS)
class AuditConfig:
    """Settings of the audit at the end of a run: what the model remembers of its training text."""

    enabled: bool = Field(
        description="Whether the trained model is audited: copied passages, memorised text, membership inference. It "
        "takes less than a tenth of the training time.",
    )
    seed: Seed = Field(description="Seed of the texts that the audit generates, and of the passages that it draws.")
    canaries: Annotated[int, Field(strict=True, ge=0, le=100)] = Field(
        description="Number of random secrets that are inserted into the training text 1, 4 or 16 times each, not into "
        "the prepared files; drawn with the seed of the run. The audit then measures how well the model remembers "
        "them. 0: none.",
    )


@dataclass(config=OPTIONS, kw_only=True)
class RunConfig:
    """Settings of a run that trains a language model, alone or as a part of something else."""

    run_dir: PathText | None = Field(description="Folder of the run. null: outputs/train/DATE/TIME.")
    resume: PathText | None = Field(
        description="Run to resume: its folder, or a resume-*.ckpt in it. auto: the run in run_dir if there is one, so "
        "that one command both starts and resumes a run. null: start a run.",
    )
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**32)] = Field(
        description="Seed of the initial weights, dropout and sampled softmax.",
    )
    max_unknown: Annotated[float, Field(gt=0, le=1)] = Field(
        description="Largest share of unknown words (<unk>) in training or validation text with which a run starts.",
    )
    private: bool = Field(
        description="Whether the text is private: nothing but the vocabulary of the saved model and the prepared text "
        "in data.cache_dir holds words of it; cards, pages, logs and metrics have figures only, and no samples.",
    )
    data: DataConfig = Field(description="Text, and how it becomes batches.")
    model: ModelVariant = Field(description="Architecture.")
    optim: OptimVariant = Field(description="Optimizer.")
    schedule: ScheduleVariant = Field(description="Learning rate over the course of training.")
    averaging: AveragingVariant = Field(description="Average of the weights that is evaluated and saved.")
    gradient_clip: GradientClipConfig = Field(description="Gradient clipping.")
    sampled_softmax: SampledSoftmaxConfig = Field(description="Sampled softmax of the training loss.")
    samples: SamplesConfig = Field(description="Texts generated after each validation and at the end.")
    card: CardConfig = Field(description="What the cards say of model and text beside the figures.")
    trainer: dict[str, Any] = Field(
        description="Arguments of lightning.Trainer. Those that are not set have its defaults.",
        json_schema_extra={"properties": TRAINER},
    )
    callbacks: dict[str, Any] = Field(
        default_factory=dict,
        description="Lightning callbacks, each with a _target_; add your own under any name. null: without one.",
        json_schema_extra={"properties": CALLBACKS},
    )
    logger: dict[str, Any] = Field(
        default_factory=dict,
        description="Lightning loggers, each with a _target_; add your own under any name. null: without one.",
        json_schema_extra={"properties": LOGGERS},
    )

    @field_validator("callbacks", "logger", mode="before")
    @classmethod
    def _without_null(cls, group: Any) -> Any:
        """Leaves out what is switched off: `callbacks.early_stopping=null`."""
        if group is None:
            return {}
        return {key: node for key, node in group.items() if node is not None} if isinstance(group, dict) else group

    @model_validator(mode="after")
    def _check(self) -> "RunConfig":
        for group, named in (("callbacks", self.callbacks), ("logger", self.logger)):
            for name, arguments in named.items():
                is_class = not isinstance(arguments, dict) or TARGET in arguments
                allowed = f"must be a class; {group}=default has some, and {group}.{name}._target_=... names another"
                require(is_class, f"{group}.{name}", shown(arguments), allowed)
        allowed = "must be null with private=true, which generates no texts"
        has_prompts = self.private and self.samples.prompts is not None
        require(not has_prompts, "samples.prompts", shown(self.samples.prompts), allowed)
        cutoffs = getattr(self.model, "adaptive_cutoffs", None)
        allowed = (
            "must be null with trainer.strategy=fsdp: processes would have gradients of different clusters; use ddp"
        )
        require(cutoffs is None or self.trainer.get("strategy") != "fsdp", "model.adaptive_cutoffs", cutoffs, allowed)
        return self


@dataclass(config=OPTIONS, kw_only=True)
class TrainConfig(RunConfig):
    """All settings of `python -m halo.train`."""

    seeds: Count = Field(
        description="Number of runs, with seed, seed + 1, ..., each in RUN_DIR/seed_SEED; reports mean and spread. On "
        "a CPU each has one thread, and as many run side by side as cores are free.",
    )
    find_lr: bool = Field(
        description="Whether to run a learning-rate range test instead of training: it suggests a value for optim.lr "
        "and draws lr_finder.png.",
    )
    audit: AuditConfig = Field(description="Audit of what the model remembers of its training text.")

    @model_validator(mode="after")
    def _check_seeds(self) -> "TrainConfig":
        allowed = f"must be at most {2**32 - self.seed:,} with seed={self.seed}: seeds are below 2^32"
        require(self.seeds <= 2**32 - self.seed, "seeds", self.seeds, allowed)
        require(self.resume is None or not self.find_lr, "resume", self.resume, "cannot be combined with find_lr=true")
        require(self.seeds == 1 or not self.find_lr, "seeds", self.seeds, "must be 1 with find_lr=true")
        return self


def default_sampling(**changes: Any) -> SamplingConfig:
    """Returns the sampling settings of `conf/generate.yaml`.

    Args:
        changes: Settings that replace the defaults, by name.

    Raises:
        InputError: A setting does not exist or has a value that is not allowed.

    >>> default_sampling(num_words=5, temperature=0).num_words
    5
    """
    own = {
        name: value for name, value in command_defaults("generate").items() if name in SamplingConfig.__annotations__
    }
    return parse({**own, **changes}, SamplingConfig)

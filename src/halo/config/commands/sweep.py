"""Settings of `halo.sweep`."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator
from pydantic.dataclasses import dataclass

from halo.config.custom import variant_of
from halo.config.fields import OPTIONS, Allowed, Count, CountFromZero, PathText
from halo.config.launcher import LauncherVariant
from halo.config.messages import shown
from halo.runtime.errors import require

Objective = Literal["validation_perplexity", "seconds", "minutes", "num_parameters"]
"""The figures of a run that a sweep can minimise."""

SamplerSeed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]


@dataclass(config=OPTIONS)
class SearchSpaceConfig:
    """Settings of the search space."""

    parameters: dict[str, Any] = Field(
        description="The settings to try, each with its values: {low: 1e-3, high: 1e-2, log: true}, {low: 1, high: 4}, "
        "{low: 0.1, high: 0.5, step: 0.1} or {choices: [64, 128]}, in short [64, 128]. null: not tried.",
    )


@dataclass(config=OPTIONS)
class SamplerConfig:
    """Settings that every sampler has."""

    name: str = Field(description="Name of the sampler.")
    seed: SamplerSeed = Field(description="Seed of the random choices.")


@dataclass(config=OPTIONS)
class TPEConfig(SamplerConfig):
    """Settings of the tree-structured Parzen estimator (Bergstra et al. 2011)."""

    name: Literal["tpe"] = Field(description="Name of the sampler.")
    num_startup_trials: CountFromZero = Field(description="Trials that are drawn at random first.")


@dataclass(config=OPTIONS)
class RandomConfig(SamplerConfig):
    """Settings of random search (Bergstra and Bengio 2012)."""

    name: Literal["random"] = Field(description="Name of the sampler.")


@dataclass(config=OPTIONS)
class GridConfig(SamplerConfig):
    """Settings of grid search: every combination once, in random order."""

    name: Literal["grid"] = Field(description="Name of the sampler.")


@dataclass(config=OPTIONS)
class PrunerConfig:
    """Settings that every pruner has."""

    name: str = Field(description="Name of the pruner.")


@dataclass(config=OPTIONS)
class NoPrunerConfig(PrunerConfig):
    """Settings of a sweep that trains every trial to its end."""

    name: Literal["none"] = Field(description="Name of the pruner.")


@dataclass(config=OPTIONS)
class MedianPrunerConfig(PrunerConfig):
    """Settings of pruning by the median of earlier trials."""

    name: Literal["median"] = Field(description="Name of the pruner.")
    num_startup_trials: CountFromZero = Field(description="Trials that are finished before any is stopped.")
    num_warmup_validations: CountFromZero = Field(description="Validations of a trial before it can be stopped.")


@dataclass(config=OPTIONS)
class AshaConfig(PrunerConfig):
    """Settings of asynchronous successive halving (Li et al. 2020)."""

    name: Literal["asha"] = Field(description="Name of the pruner.")
    min_validations: Count = Field(description="Validations after which trials are compared for the first time.")
    reduction_factor: Annotated[int, Field(strict=True, ge=2)] = Field(
        description="One in so many trials goes on, to so many times the validations.",
    )


SamplerVariant = Annotated[
    Annotated[TPEConfig, Tag("TPEConfig")]
    | Annotated[RandomConfig, Tag("RandomConfig")]
    | Annotated[GridConfig, Tag("GridConfig")],
    Discriminator(variant_of(TPEConfig, RandomConfig, GridConfig)),
]
PrunerVariant = Annotated[
    Annotated[NoPrunerConfig, Tag("NoPrunerConfig")]
    | Annotated[MedianPrunerConfig, Tag("MedianPrunerConfig")]
    | Annotated[AshaConfig, Tag("AshaConfig")],
    Discriminator(variant_of(NoPrunerConfig, MedianPrunerConfig, AshaConfig)),
]
StudyName = Annotated[
    str,
    Field(pattern=r"^[\w.,=+-]*\w[\w.,=+-]*$", max_length=100),
    Allowed("a name of letters, digits and -_.,=+ that can name a folder"),
]


@dataclass(config=OPTIONS)
class SweepConfig:
    """All settings of `python -m halo.sweep`."""

    search_space: SearchSpaceConfig = Field(description="The settings to try.")
    sampler: SamplerVariant = Field(description="How the settings of the next trial are chosen.")
    pruner: PrunerVariant = Field(description="Which trials are stopped early, by their validation loss.")
    num_trials: Count = Field(
        description="Trials of the study, whatever becomes of them, of all workers together. A study goes on with "
        "a larger number.",
    )
    launcher: LauncherVariant = Field(description="Where the workers run.")
    workers: Count = Field(description="Trials that this command trains at a time.")
    objectives: Annotated[
        list[Objective],
        Field(min_length=1),
        BeforeValidator(lambda given: [given] if isinstance(given, str) else given),
    ] = Field(description="Figures to minimise. With several, the trials that none beats in all of them win.")
    study: StudyName | None = Field(description="Name of the study. null: that of the search space.")
    storage: str | None = Field(
        description="Where the trials are recorded. null: study.journal in the sweep's folder; or the URL of a "
        "database, sqlite:///FILE or postgresql://USER@HOST/DATABASE.",
    )
    sweep_dir: PathText | None = Field(description="Folder of the sweep. null: outputs/sweep/STUDY.")
    overrides: list[str] = Field(
        description="Settings of halo.train for every trial, as KEY=VALUE; those on the command line that are not "
        "settings of halo.sweep are added.",
    )

    @field_validator("objectives", mode="before")
    @classmethod
    def _require_no_test_figures(cls, given: Any) -> Any:
        """Refuses figures of the test text, which would no longer measure anything once a setting is chosen by them."""
        for each in [given] if isinstance(given, str) else given if isinstance(given, list) else []:
            allowed = "settings are chosen on validation text; the test text is only for the figure that is reported"
            require(not str(each).startswith("test"), "objectives", each, allowed)
        return given

    @model_validator(mode="after")
    def _check(self) -> "SweepConfig":
        is_repeated = len(set(self.objectives)) < len(self.objectives)
        require(not is_repeated, "objectives", shown(self.objectives), "a figure is named twice")
        if self.pruner.name != "none" and self.objectives != ["validation_perplexity"]:
            problem = "several objectives" if len(self.objectives) > 1 else "this objective"
            allowed = f"trials are pruned by their validation loss, not with {problem}; add pruner=none"
            require(False, "objectives", shown(self.objectives), allowed)
        return self

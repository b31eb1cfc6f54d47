"""The result of a comparison of runs as plain data, of which tables, files and pages are made."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["finished", "running", "pruned", "failed", "interrupted"]
Measure = Literal["perplexity", "bits_per_character"]

MEASURES: dict[Measure, str] = {"perplexity": "perplexity", "bits_per_character": "bits per character"}
"""What runs are ranked by, in words."""


@dataclass(frozen=True)
class SplitResult:
    """The figures of a run on one split.

    Attributes:
        nll: Mean negative log-likelihood in nats per token; None if it is not finite.
        perplexity: exp(nll).
        perplexity_interval: Its 95% bootstrap interval over documents; None for a single document.
        bits_per_character: Bits per character of the cleaned text, with the cost of spelling unknown words; None where
            the number of characters is not known.
        documents: Number of documents.
        tokens: Number of tokens.
        characters: Number of characters; 0 if it is not known.
        batch_size: Number of streams in which the text was read.
    """

    nll: float | None
    perplexity: float | None
    perplexity_interval: tuple[float | None, float | None] | None
    bits_per_character: float | None
    documents: int
    tokens: int
    characters: int
    batch_size: int


@dataclass(frozen=True)
class RunFigures:
    """The figures of a finished run, as its metrics.json has them.

    Attributes:
        splits: The figures of train, validation and test.
        vocab_size: Size of the vocabulary.
        num_parameters: Number of weights.
        minutes: Duration of training.
        tokens_per_second: Training throughput.
        verdict: Whether the model underfits, fits or overfits, in one line.
        early_end: When and why training ended before its last epoch; None if it did not.
    """

    splits: dict[str, SplitResult]
    vocab_size: int
    num_parameters: int
    minutes: float | None
    tokens_per_second: float | None
    verdict: str
    early_end: str | None


@dataclass(frozen=True)
class CurvePoint:
    """One validation during training.

    Attributes:
        step: Optimizer steps so far.
        epochs: Passes over the training text so far, with fractions; None if they were not recorded.
        train: Training perplexity since the validation before, with dropout.
        validation: Validation perplexity.
        tokens: Training tokens so far; None if they were not recorded.
        seconds: Training time so far, without that of validations; None if it was not recorded.
    """

    step: int
    epochs: float | None
    train: float | None
    validation: float | None
    tokens: int | None
    seconds: float | None


@dataclass(frozen=True)
class ComparedRun:
    """One run, or the bundle of one.

    Attributes:
        folder: The absolute path of its folder.
        name: What tells it from the others: the end of its path.
        status: How it ended; only a finished run has figures.
        reason: Why it has no figures; empty for a finished run.
        is_bundle: Whether the folder is a bundle, which lacks the settings of training.
        trial: Its number in a study or multirun; None outside of them.
        seed: Its seed; None for a bundle.
        settings: The settings that can change its figures, by their full dotted keys.
        figures: What it measured; None unless it is finished.
        curve: Its validations during training, in order.
        group: The key of the group of runs that differ from it in the seed only.
        comparable: The number of the set of runs, from 0, among which it can be ranked; None without figures.
    """

    folder: str
    name: str
    status: Status
    reason: str = ""
    is_bundle: bool = False
    trial: int | None = None
    seed: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    figures: RunFigures | None = None
    curve: list[CurvePoint] = field(default_factory=list)
    group: str = ""
    comparable: int | None = None

    def value(self, split: str, measure: Measure = "perplexity") -> float | None:
        """Returns a figure of a split; None without figures, or if it is not finite."""
        if self.figures is None or split not in self.figures.splits:
            return None
        result = self.figures.splits[split]
        return result.perplexity if measure == "perplexity" else result.bits_per_character


@dataclass(frozen=True)
class Spread:
    """The spread of a figure over the seeds of a group.

    Attributes:
        mean: The mean; None if a run has no finite figure.
        standard_deviation: The sample standard deviation, divided by n - 1; None for a single run.
    """

    mean: float | None
    standard_deviation: float | None


@dataclass(frozen=True)
class RunGroup:
    """The finished runs that differ in their seeds only; often a single one.

    Attributes:
        key: As `ComparedRun.group`.
        label: What tells the group from the others: its settings that vary, with short names, or its name.
        settings: Those of its settings that vary, by their full keys.
        runs: The indexes of its runs in `Comparison.runs`.
        comparable: The number of the set of runs, from 0, among which it can be ranked.
        spread: The spread of what runs are ranked by, for each split.
        num_parameters: Number of weights.
        minutes: Mean duration of training.
    """

    key: str
    label: str
    settings: dict[str, Any]
    runs: list[int]
    comparable: int
    spread: dict[str, Spread]
    num_parameters: int
    minutes: float | None


@dataclass(frozen=True)
class Test:
    """An interval of a difference and a test of whether it is 0.

    Attributes:
        low: Lower end of the 95% interval, in the unit of the difference; None where too few observations bound it.
        high: Upper end of the 95% interval.
        p_value: Two-sided p-value.
        corrected_p_value: The p-value corrected by Holm for all comparisons of its kind.
        observations: Number of documents, or of runs of both groups together.
    """

    low: float | None
    high: float | None
    p_value: float
    corrected_p_value: float
    observations: int

    __test__ = False  # no test of pytest


@dataclass(frozen=True)
class SplitDifference:
    """The difference of a group from the reference on one split.

    Attributes:
        change: For perplexity the relative change, such as -0.018 for 1.8% lower than that of the reference; for bits
            per character the difference in bits. Below 0 is better.
        over_documents: Paired bootstrap over the same documents; None where the scores of documents are not at hand.
        over_seeds: Welch's test over the seeds; None unless both groups have two seeds or more.
    """

    change: float
    over_documents: Test | None
    over_seeds: Test | None


@dataclass(frozen=True)
class Difference:
    """The differences of a group from the reference.

    Attributes:
        group: The key of the group.
        reference: The key of the group that it is compared with.
        splits: The differences on validation and test.
    """

    group: str
    reference: str
    splits: dict[str, SplitDifference]


@dataclass(frozen=True)
class Comparison:
    """A comparison of runs.

    Attributes:
        runs: All runs: set by set of comparable ones, best first; then those without figures.
        groups: The groups of finished runs over seeds, in the same order.
        differences: Of each group from the reference of its set, in the order of the groups.
        varied: The settings that vary, by their full keys, with short names.
        split: The split whose figures order the runs.
        measure: What the runs are ordered by.
        summary: Which run is best, by how much, and whether that is more than chance: a sentence or two.
        obstacles: Why some runs cannot be ranked among each other, a line each.
        notes: What was left out or has to be known, a line each.
    """

    runs: list[ComparedRun]
    groups: list[RunGroup]
    differences: list[Difference]
    varied: dict[str, str]
    split: str
    measure: Measure
    summary: list[str]
    obstacles: list[str]
    notes: list[str]

    @property
    def best(self) -> RunGroup | None:
        """The best group; None if nothing has finished, or if there are several sets of comparable runs."""
        is_one_set = len({group.comparable for group in self.groups}) == 1
        return self.groups[0] if is_one_set else None

    def group(self, key: str) -> RunGroup:
        """Returns the group with a key."""
        return next(group for group in self.groups if group.key == key)

    def difference(self, key: str) -> Difference | None:
        """Returns the difference of a group from its reference; None for the reference itself."""
        return next((each for each in self.differences if each.group == key), None)

    def as_dict(self) -> dict[str, Any]:
        """Returns everything as dictionaries, lists, text and numbers."""
        return asdict(self)

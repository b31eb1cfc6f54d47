"""The figures of a run as its metrics.json has them, checked: the file of a bundle may come from anybody."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from halo.config import SPLITS
from halo.runtime.errors import InputError

PLAIN = ConfigDict(extra="ignore", frozen=True)

MAX_PROBLEM = 200

Figure = float | None
"""A figure; None where there is none, or where it is infinite."""


@dataclass(config=PLAIN)
class PartFigures:
    """The loss of a part of a text.

    Attributes:
        tokens: Number of tokens.
        share_of_nll: Fraction of the loss of the whole text.
        perplexity: exp(NLL per token).
    """

    tokens: int
    share_of_nll: Figure
    perplexity: Figure


@dataclass(config=PLAIN)
class SplitFigures:
    """The figures of one split, as `TextMetrics.as_dict` names them."""

    documents: int
    tokens: int
    characters: int
    nll: Figure
    perplexity: Figure
    perplexity_interval: tuple[Figure, Figure] | None
    perplexity_without_eos: Figure
    perplexity_known_words: Figure
    bits_per_character: Figure
    oov_bits_per_character: Figure
    out_of_vocabulary_rate: float
    batch_size: int
    by_label: dict[str, PartFigures]
    by_frequency: dict[str, PartFigures]
    by_position: dict[str, PartFigures]
    unit: str = "character"


@dataclass(config=PLAIN)
class ValidationFigures:
    """One validation during training.

    Attributes:
        step: Optimizer steps so far.
        epochs: Passes over the training text so far, with fractions.
        train: Training perplexity since the validation before, with dropout.
        validation: Validation perplexity.
        tokens: Training tokens seen so far; None in the files of older versions.
        seconds: Training time so far; None in the files of older versions.
    """

    step: int
    epochs: float
    train: Figure
    validation: Figure
    tokens: int | None = None
    seconds: Figure = None


Estimate = tuple[float, float, float]
"""A mean, and the ends of its 95% interval."""


@dataclass(config=PLAIN)
class SwapEstimates:
    """Bits that a swap costs; for a preference, half the difference of both directions.

    Attributes:
        name: What is swapped for what.
        documents: Number of documents.
        word_bits: For the word itself.
        rest_bits: For each further token of the sentence.
        sentences: Number of sentences.
    """

    name: str
    documents: int
    word_bits: Estimate
    rest_bits: Estimate
    sentences: int = 0


@dataclass(config=PLAIN)
class SwapFigures:
    """One pair of words, or the first names.

    Attributes:
        name: The pair.
        directions: The directions that were measured.
        preference: Both directions together; None where one was not measured.
        skipped: Why a direction was not measured; None if all were.
    """

    name: str
    directions: list[SwapEstimates]
    preference: SwapEstimates | None = None
    skipped: str | None = None


@dataclass(config=PLAIN)
class Counterfactuals:
    """Swapped words: the entry `counterfactuals`.

    Attributes:
        skipped: Why nothing was measured; None if something was.
        swaps: The figures of each pair.
    """

    skipped: str | None = None
    swaps: list[SwapFigures] = field(default_factory=list)


@dataclass(config=PLAIN)
class AuditVerdict:
    """The verdict of an audit."""

    question: str
    answer: str
    reasons: list[str]
    limits: list[str]


@dataclass(config=PLAIN)
class AuditFigures:
    """What the page shows of an audit.

    Attributes:
        verdict: Its verdict.
    """

    verdict: AuditVerdict

    @classmethod
    def read(cls, audit: Mapping[str, Any], *, place: str) -> "AuditFigures":
        """Returns the figures in the content of an audit.json.

        Args:
            audit: The content.
            place: Where it is from, for messages.

        Raises:
            InputError: Something is missing or has another type.
        """
        try:
            return TypeAdapter(cls).validate_python(audit)
        except ValidationError as error:
            problem = _first_problem(error)
            raise InputError(f"{place}: not the audit of a model ({problem}); delete it, or run halo.audit") from error


def _first_problem(error: ValidationError) -> str:
    """Returns what pydantic has found first, in one line."""
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:MAX_PROBLEM]


def _all_splits(splits: Any) -> Any:
    if isinstance(splits, Mapping) and not {*SPLITS} <= splits.keys():
        raise ValueError(f"figures of {', '.join(SPLITS)} are needed")
    return splits


def _part(entry: Any, key: str) -> Any:
    """Returns a value of an entry of metrics.json; an empty text if it lacks it."""
    return entry.get(key, "") if isinstance(entry, Mapping) else entry


@dataclass(config=PLAIN)
class RunMetrics:
    """The figures of a finished run.

    Attributes:
        verdict: The verdict, in one line.
        splits: The figures of each split.
        uniform_perplexity: Size of the vocabulary.
        num_parameters: Number of weights.
        chosen_weights: Which weights were measured.
        train_tokens_per_second: Training throughput.
        minutes: Duration of training.
        generalization_gap: Validation loss minus training loss, in nats per token.
        baselines: Perplexity of each split under the n-gram models, by the name of the model.
        validations: The learning curve; empty where there was no validation.
        early_end: When and why training ended before its last epoch; None if it did not.
        samples: Texts that the model generated.
        environment: Versions and hardware, by name.
        energy: The energy of the run, in sentences; empty if it was not measured.
        weights_sha256: Hash of the weights; empty if it was not recorded.
        counterfactuals: Swapped words; None if they were not recorded.
        private: Whether the run was private, so that nothing of its text is shown.
    """

    verdict: str
    splits: Annotated[dict[str, SplitFigures], BeforeValidator(_all_splits)]
    uniform_perplexity: int
    num_parameters: int
    chosen_weights: str
    train_tokens_per_second: Figure
    minutes: Figure
    generalization_gap: Figure
    baselines: dict[str, dict[str, Figure]]
    validations: list[ValidationFigures] = field(default_factory=list)
    early_end: str | None = None
    samples: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    energy: Annotated[str, BeforeValidator(lambda entry: _part(entry, "statement"))] = ""
    weights_sha256: str = ""
    counterfactuals: Counterfactuals | None = None
    private: bool = False

    @classmethod
    def read(cls, metrics: Mapping[str, Any], *, place: str) -> "RunMetrics":
        """Returns the figures in the content of a metrics.json.

        Args:
            metrics: The content.
            place: Where it is from, for messages.

        Raises:
            InputError: Something is missing or has another type.
        """
        names = {"Kneser-Ney 5-gram": "kneser_ney", "unigram": "unigram"}
        baselines = {
            name: {split: metrics.get(f"{key}_{split}_perplexity") for split in SPLITS}
            for name, key in names.items()
            if f"{key}_{SPLITS[0]}_perplexity" in metrics
        }
        try:
            weights = _part(metrics.get("reproduction", {}), "weights_sha256")
            return TypeAdapter(cls).validate_python({**metrics, "baselines": baselines, "weights_sha256": weights})
        except ValidationError as error:
            problem = _first_problem(error)
            raise InputError(
                f"{place}: not the figures of a training run ({problem}); restore it, or train again"
            ) from error

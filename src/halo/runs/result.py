"""The result of a training run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from halo.evaluation.text_metrics import TextMetrics
from halo.evaluation.text_scores import NLLSummary
from halo.evaluation.verdict import Validation
from halo.genomics.measurement import Measurement


@dataclass(frozen=True)
class FitResult:
    """Holds the result of a run.

    Attributes:
        run_dir: The run folder; the saved model is in its `bundle/`.
        scores: The scores of the chosen weights on each split, without dropout.
        unigram: The scores of a unigram model.
        kneser_ney: The scores of a Kneser-Ney 5-gram model; empty if the training text is too large for its counts.
        uniform_perplexity: That of a uniform model: the size of the vocabulary, or of a genome 4 for each base.
        num_parameters: The number of parameters; shared ones are counted once.
        verdict: Whether the model underfits, fits or overfits, in one line.
        chosen_weights: Which weights were measured and saved: those of the best checkpoint, or the last ones if there
            is none; and which average they are, if any.
        tokens_per_second: Training throughput, without validation.
        minutes: Duration of the run.
        samples: Generated texts.
        history: The validations during training, in order.
        early_end: When and why training ended before its last epoch; None if it did not.
        environment: Versions and hardware, by name.
        genome: Bits per base beside Markov models, of a genome; None of a text.
        facts: What the cards say beside the figures: settings of the card, facts about the text, and the way to
            repeat the run.
    """

    run_dir: Path
    scores: dict[str, TextMetrics]
    unigram: dict[str, NLLSummary]
    kneser_ney: dict[str, NLLSummary]
    uniform_perplexity: int
    num_parameters: int
    verdict: str
    chosen_weights: str
    tokens_per_second: float
    minutes: float
    samples: list[str]
    history: Sequence[Validation]
    early_end: str | None
    environment: dict[str, str]
    genome: Measurement | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def metrics(self) -> dict[str, Any]:
        """Returns the figures as plain data, as in metrics.json."""
        return {
            **{f"{name}_perplexity": result.perplexity for name, result in self.scores.items()},
            **{f"{name}_nll": result.nll for name, result in self.scores.items()},
            **{f"{name}_tokens": result.tokens for name, result in self.scores.items()},
            **{f"unigram_{name}_perplexity": result.perplexity for name, result in self.unigram.items()},
            **{f"kneser_ney_{name}_perplexity": result.perplexity for name, result in self.kneser_ney.items()},
            "generalization_gap": generalization_gap(self.scores),
            "verdict": self.verdict,
            "splits": {name: result.as_dict() for name, result in self.scores.items()},
            "uniform_perplexity": self.uniform_perplexity,
            "num_parameters": self.num_parameters,
            "chosen_weights": self.chosen_weights,
            "train_tokens_per_second": self.tokens_per_second,
            "minutes": self.minutes,
            "validations": [each._asdict() for each in self.history],
            "early_end": self.early_end,
            "samples": self.samples,
            "environment": self.environment,
            **self.facts,
            **({} if self.genome is None else {"genome": self.genome.as_dict()}),
        }


def generalization_gap(scores: Mapping[str, TextMetrics]) -> float:
    """Returns the validation loss minus the training loss, in nats per token."""
    return scores["validation"].nll - scores["train"].nll

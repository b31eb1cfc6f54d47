"""What a training run reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halo.evaluation.text_metrics import TextMetrics
from halo.evaluation.text_scores import NLLSummary


@dataclass(frozen=True)
class FitResult:
    """What a run reached.

    Attributes:
        run_dir: The folder of the run; the saved model is its `bundle/`.
        scores: For each split how well the chosen weights predict it, without dropout.
        unigram: The same for a unigram model.
        kneser_ney: The same for a Kneser-Ney 5-gram model; empty where the training text is too large to count.
        vocab_size: Words of the vocabulary: the perplexity of a model that knows nothing.
        num_parameters: Weights of the model, shared ones counted once.
        verdict: Whether it underfits, fits or overfits, in one line.
        chosen_weights: Which weights were measured and saved: those of the best checkpoint, or the last ones where no
            checkpoint was kept; and what they average, if anything.
        tokens_per_second: Trained tokens per second, without validation.
        minutes: Duration of the whole run.
        samples: Texts that the model wrote.
    """

    run_dir: Path
    scores: dict[str, TextMetrics]
    unigram: dict[str, NLLSummary]
    kneser_ney: dict[str, NLLSummary]
    vocab_size: int
    num_parameters: int
    verdict: str
    chosen_weights: str
    tokens_per_second: float
    minutes: float
    samples: list[str]

    def metrics(self) -> dict[str, Any]:
        """Returns the figures as plain data."""
        return {
            **{f"{name}_perplexity": result.perplexity for name, result in self.scores.items()},
            **{f"{name}_nll": result.nll for name, result in self.scores.items()},
            **{f"{name}_tokens": result.tokens for name, result in self.scores.items()},
            **{f"unigram_{name}_perplexity": result.perplexity for name, result in self.unigram.items()},
            **{f"kneser_ney_{name}_perplexity": result.perplexity for name, result in self.kneser_ney.items()},
            "generalization_gap": generalization_gap(self.scores),
            "verdict": self.verdict,
            "splits": {name: result.as_dict() for name, result in self.scores.items()},
            "uniform_perplexity": self.vocab_size,
            "num_parameters": self.num_parameters,
            "chosen_weights": self.chosen_weights,
            "train_tokens_per_second": self.tokens_per_second,
            "minutes": self.minutes,
        }


def generalization_gap(scores: Mapping[str, TextMetrics]) -> float:
    """Returns by how many nats per token validation is harder to predict than the training text."""
    return scores["validation"].nll - scores["train"].nll

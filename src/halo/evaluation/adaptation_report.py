"""The report of `halo.evaluate` on test-time adaptation: tuned on validation, test evaluated once."""

import itertools
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from halo.bundle.loading import Bundle
from halo.corpus.corpus import Corpus
from halo.data.streams import StreamLoader
from halo.evaluation.adaptation import (
    TextScores,
    cache_probabilities,
    dynamic_evaluation_nll,
    interpolate_nll,
    score_stream,
)
from halo.evaluation.evaluation_report import Report, require_finite
from halo.evaluation.text_scores import NLL, NLLSummary
from halo.models.ngram.kneser_ney import KneserNey
from halo.reports.console import table

log = logging.getLogger(__name__)

LABELS = {
    "no_adaptation": "no adaptation",
    "neural_cache": "neural cache",
    "dynamic_evaluation": "dynamic evaluation",
    "ngram_interpolation": "5-gram interpolation",
}
"""What the table calls each key of metrics.json."""
HELD_OUT = ("validation", "test")
INTERPOLATION_WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CACHE_SIZES = (500, 2000)
CACHE_THETAS = (0.0, 0.1, 0.3, 1.0, 3.0)
LEARNING_RATES = (0.01, 0.03, 0.1, 0.3)
DECAYS = (1e-3,)

Settings = dict[str, float]


class _Method(NamedTuple):
    """A method of adaptation.

    Attributes:
        grid: The settings to try.
        nll: Returns the negative log-likelihood of each token of a split with one of them.
    """

    grid: Sequence[Settings]
    nll: Callable[[str, Settings], NLL]

    def best_settings(self) -> Settings:
        """Returns the settings with the lowest validation loss."""
        return min(self.grid, key=lambda settings: float(self.nll("validation", settings).sum()))

    def perplexity(self, split: str, settings: Settings) -> float:
        """Returns the perplexity of a split."""
        return NLLSummary.from_tokens(self.nll(split, settings)).perplexity


def report_adaptation(bundle: Bundle, corpus: Corpus, *, cache: bool, dynamic: bool, ngram: bool) -> Report:
    """Returns the perplexities of validation and test, read in one stream, with each of the requested methods.

    Args:
        bundle: The model.
        corpus: The corpus it was trained on.
        cache: Interpolate with a neural cache.
        dynamic: Use dynamic evaluation.
        ngram: Interpolate with a Kneser-Ney 5-gram model of the training split, which does not itself adapt.

    Raises:
        InputError: The model's predictions are not finite.
    """
    scores = {split: score_stream(bundle.model, _windows(bundle, corpus, split)) for split in HELD_OUT}
    for each in scores.values():
        require_finite(bundle, float(each.nll_N.sum()))
    methods: dict[str, _Method] = {}
    if cache:
        methods["neural_cache"] = _neural_cache(corpus, scores)
    if dynamic:
        methods["dynamic_evaluation"] = _dynamic_evaluation(bundle, corpus)
    if ngram:
        methods["ngram_interpolation"] = _ngram_interpolation(corpus, scores)
    unadapted = {split: NLLSummary.from_tokens(scores[split].nll_N).perplexity for split in HELD_OUT}
    rows = [[LABELS["no_adaptation"], *_formatted(unadapted), ""]]
    metrics: dict[str, Any] = {"no_adaptation": unadapted}
    for name, method in methods.items():
        settings = method.best_settings()
        perplexities = {split: method.perplexity(split, settings) for split in HELD_OUT}
        chosen = "\n".join(f"{key} {value:g}" for key, value in settings.items())
        rows.append([LABELS[name], *_formatted(perplexities), chosen])
        metrics[name] = {**perplexities, "settings": settings}
    title = "Perplexity with test-time adaptation (not comparable with unadapted models)"
    shown = table(title, ["", *HELD_OUT, "tuned on validation"], rows, text_columns=(0, 3))
    return Report(shown, {"adaptation": metrics})


def _formatted(perplexities: dict[str, float]) -> list[str]:
    return [f"{perplexities[split]:.2f}" for split in HELD_OUT]


def _windows(bundle: Bundle, corpus: Corpus, split: str) -> StreamLoader:
    return StreamLoader(
        corpus.ids[split],
        eos_id=corpus.tokenizer.eos_id,
        batch_size=1,
        sequence_length=bundle.config.data.sequence_length,
    )


def _neural_cache(corpus: Corpus, scores: dict[str, TextScores]) -> _Method:
    computed: dict[tuple[str, float, float], Any] = {}  # shared by all weights, which do not change the cache

    def nll(split: str, settings: Settings) -> NLL:
        size, theta = settings["size"], settings["theta"]
        if (split, size, theta) not in computed:
            probabilities = cache_probabilities(scores[split], corpus.ids[split], size=int(size), theta=theta)
            computed[split, size, theta] = probabilities
        return interpolate_nll(scores[split].nll_N, computed[split, size, theta], weight=settings["weight"])

    grid = itertools.product(CACHE_SIZES, CACHE_THETAS, INTERPOLATION_WEIGHTS)
    return _Method([{"size": size, "theta": theta, "weight": weight} for size, theta, weight in grid], nll)


def _dynamic_evaluation(bundle: Bundle, corpus: Corpus) -> _Method:
    def nll(split: str, settings: Settings) -> NLL:
        log.info("Dynamic evaluation of the %s split with learning rate %g", split, settings["learning_rate"])
        return dynamic_evaluation_nll(bundle.model, _windows(bundle, corpus, split), **settings)

    grid = itertools.product(LEARNING_RATES, DECAYS)
    return _Method([{"learning_rate": rate, "decay": decay} for rate, decay in grid], nll)


def _ngram_interpolation(corpus: Corpus, scores: dict[str, TextScores]) -> _Method:
    tokenizer = corpus.tokenizer
    model = KneserNey(corpus.ids["train"], tokenizer.vocab_size, eos_id=tokenizer.eos_id, order=5)
    probabilities = {split: model.probabilities(corpus.ids[split]) for split in HELD_OUT}

    def nll(split: str, settings: Settings) -> NLL:
        return interpolate_nll(scores[split].nll_N, probabilities[split], weight=settings["weight"])

    return _Method([{"weight": weight} for weight in INTERPOLATION_WEIGHTS], nll)

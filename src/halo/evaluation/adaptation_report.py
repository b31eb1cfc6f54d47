"""What `halo.evaluate` reports of a model that adapts: settings chosen on validation, test measured once with them."""

import itertools
import logging
from collections.abc import Callable, Iterable
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
from halo.evaluation.text_scores import NLL, Score
from halo.models.ngram.kneser_ney import KneserNey
from halo.reports.console import table

log = logging.getLogger(__name__)

HELD_OUT = ("validation", "test")
MIXTURE_WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CACHE_SIZES = (500, 2000)
CACHE_THETAS = (0.0, 0.1, 0.3, 1.0, 3.0)
LEARNING_RATES = (0.01, 0.03, 0.1, 0.3)
DECAYS = (1e-3,)

Settings = dict[str, float]


class _Adapted(NamedTuple):
    """One way to adapt: the settings that are tried, and the nats of a split with one of them."""

    grid: Iterable[Settings]
    nll: Callable[[str, Settings], NLL]


def report_adapted(opened: Bundle, corpus: Corpus, *, cache: bool, dynamic: bool, ngram: bool) -> Report:
    """Returns the perplexities of validation and test, read in one stream, with each of the ways that are asked for.

    Args:
        opened: The model.
        corpus: Its own corpus.
        cache: Mixed with a neural cache.
        dynamic: With weights that go on learning.
        ngram: Mixed with a Kneser-Ney 5-gram model of the training text, which does not adapt.

    Raises:
        InputError: Its predictions are no numbers.
    """
    scores = {split: score_stream(opened.model, _windows(opened, corpus, split)) for split in HELD_OUT}
    for one in scores.values():
        require_finite(opened, float(one.nll_N.sum()))
    ways: dict[str, _Adapted] = {}
    if cache:
        ways["neural cache"] = _cache(corpus, scores)
    if dynamic:
        ways["dynamic evaluation"] = _dynamic(opened, corpus)
    if ngram:
        ways["mixed with a 5-gram model"] = _ngram(corpus, scores)
    plain = {split: Score.of(scores[split].nll_N).perplexity for split in HELD_OUT}
    rows = [["plain", *(f"{plain[split]:.2f}" for split in HELD_OUT), ""]]
    figures: dict[str, Any] = {"plain": plain}
    for name, way in ways.items():
        settings = min(way.grid, key=lambda one, way=way: float(way.nll("validation", one).sum()))  # type: ignore[misc]
        result = {split: Score.of(way.nll(split, settings)).perplexity for split in HELD_OUT}
        chosen = ", ".join(f"{key} {value:g}" for key, value in settings.items())
        rows.append([name, *(f"{result[split]:.2f}" for split in HELD_OUT), chosen])
        figures[name] = {**result, "settings": settings}
    title = "Perplexity with test-time adaptation, which plain figures do not compare with"
    return Report(table(title, ["", *HELD_OUT, "chosen on validation"], rows), {"adapted": figures})


def _windows(opened: Bundle, corpus: Corpus, split: str) -> StreamLoader:
    return StreamLoader(
        corpus.ids[split],
        eos_id=corpus.tokenizer.eos_id,
        batch_size=1,
        sequence_length=opened.config.data.sequence_length,
    )


def _cache(corpus: Corpus, scores: dict[str, TextScores]) -> _Adapted:
    kept: dict[tuple[str, float, float], Any] = {}  # the weight does not change what is in the cache

    def nll(split: str, settings: Settings) -> NLL:
        size, theta = settings["size"], settings["theta"]
        if (split, size, theta) not in kept:
            found = cache_probabilities(scores[split], corpus.ids[split], size=int(size), theta=theta)
            kept[split, size, theta] = found
        return interpolate_nll(scores[split].nll_N, kept[split, size, theta], weight=settings["weight"])

    tried = itertools.product(CACHE_SIZES, CACHE_THETAS, MIXTURE_WEIGHTS)
    return _Adapted([{"size": size, "theta": theta, "weight": weight} for size, theta, weight in tried], nll)


def _dynamic(opened: Bundle, corpus: Corpus) -> _Adapted:
    def nll(split: str, settings: Settings) -> NLL:
        log.info("Dynamic evaluation of %s with learning rate %g", split, settings["learning_rate"])
        return dynamic_evaluation_nll(opened.model, _windows(opened, corpus, split), **settings)

    tried = itertools.product(LEARNING_RATES, DECAYS)
    return _Adapted([{"learning_rate": rate, "decay": decay} for rate, decay in tried], nll)


def _ngram(corpus: Corpus, scores: dict[str, TextScores]) -> _Adapted:
    tokenizer = corpus.tokenizer
    model = KneserNey(corpus.ids["train"], tokenizer.vocab_size, eos_id=tokenizer.eos_id, order=5)
    probabilities = {split: model.probabilities(corpus.ids[split]) for split in HELD_OUT}

    def nll(split: str, settings: Settings) -> NLL:
        return interpolate_nll(scores[split].nll_N, probabilities[split], weight=settings["weight"])

    return _Adapted([{"weight": weight} for weight in MIXTURE_WEIGHTS], nll)

"""What `halo.evaluate` reports of a model that adapts: settings chosen on validation, test measured once with them."""

import itertools
import logging
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from halo.bundle import Bundle
from halo.data.streams import StreamLoader
from halo.evaluation.adapting import Reading, cache_probabilities, dynamic_nats, mixed_nats, read
from halo.evaluation.report import Report, require_numbers
from halo.evaluation.scoring import Nats, Score
from halo.models.kneser_ney import KneserNey
from halo.reporting import table
from halo.text.corpus import Corpus

log = logging.getLogger(__name__)

HELD_OUT = ("validation", "test")
WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CACHE_SIZES = (500, 2000)
CACHE_FLATNESS = (0.0, 0.1, 0.3, 1.0, 3.0)
LEARNING_RATES = (0.01, 0.03, 0.1, 0.3)
DECAYS = (1e-3,)

Settings = dict[str, float]


class _Adapted(NamedTuple):
    """One way to adapt: the settings that are tried, and the nats of a split with one of them."""

    grid: Iterable[Settings]
    nats: Callable[[str, Settings], Nats]


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
    readings = {split: read(opened.model, _windows(opened, corpus, split)) for split in HELD_OUT}
    for reading in readings.values():
        require_numbers(opened, float(reading.nats_N.sum()))
    ways: dict[str, _Adapted] = {}
    if cache:
        ways["neural cache"] = _cache(corpus, readings)
    if dynamic:
        ways["dynamic evaluation"] = _dynamic(opened, corpus)
    if ngram:
        ways["mixed with a 5-gram model"] = _ngram(corpus, readings)
    plain = {split: Score.of(readings[split].nats_N).perplexity for split in HELD_OUT}
    rows = [["plain", *(f"{plain[split]:.2f}" for split in HELD_OUT), ""]]
    figures: dict[str, Any] = {"plain": plain}
    for name, way in ways.items():
        settings = min(way.grid, key=lambda one, way=way: float(way.nats("validation", one).sum()))  # type: ignore[misc]
        result = {split: Score.of(way.nats(split, settings)).perplexity for split in HELD_OUT}
        chosen = ", ".join(f"{key} {value:g}" for key, value in settings.items())
        rows.append([name, *(f"{result[split]:.2f}" for split in HELD_OUT), chosen])
        figures[name] = {**result, "settings": settings}
    title = "Perplexity with test-time adaptation, which plain figures do not compare with"
    return Report(table(title, ["", *HELD_OUT, "chosen on validation"], rows), {"adapted": figures})


def _windows(opened: Bundle, corpus: Corpus, split: str) -> StreamLoader:
    return StreamLoader(
        corpus.ids[split],
        end_id=corpus.tokenizer.end_id,
        num_streams=1,
        window_tokens=opened.config.data.window_tokens,
    )


def _cache(corpus: Corpus, readings: dict[str, Reading]) -> _Adapted:
    kept: dict[tuple[str, float, float], Any] = {}  # the weight does not change what is in the cache

    def nats(split: str, settings: Settings) -> Nats:
        size, flatness = settings["size"], settings["flatness"]
        if (split, size, flatness) not in kept:
            found = cache_probabilities(readings[split], corpus.ids[split], size=int(size), flatness=flatness)
            kept[split, size, flatness] = found
        return mixed_nats(readings[split].nats_N, kept[split, size, flatness], weight=settings["weight"])

    tried = itertools.product(CACHE_SIZES, CACHE_FLATNESS, WEIGHTS)
    return _Adapted([{"size": size, "flatness": flatness, "weight": weight} for size, flatness, weight in tried], nats)


def _dynamic(opened: Bundle, corpus: Corpus) -> _Adapted:
    def nats(split: str, settings: Settings) -> Nats:
        log.info("Dynamic evaluation of %s with learning rate %g", split, settings["learning_rate"])
        return dynamic_nats(opened.model, _windows(opened, corpus, split), **settings)

    tried = itertools.product(LEARNING_RATES, DECAYS)
    return _Adapted([{"learning_rate": rate, "decay": decay} for rate, decay in tried], nats)


def _ngram(corpus: Corpus, readings: dict[str, Reading]) -> _Adapted:
    tokenizer = corpus.tokenizer
    model = KneserNey(corpus.ids["train"], tokenizer.vocab_size, end_id=tokenizer.end_id, order=5)
    probabilities = {split: model.probabilities(corpus.ids[split]) for split in HELD_OUT}

    def nats(split: str, settings: Settings) -> Nats:
        return mixed_nats(readings[split].nats_N, probabilities[split], weight=settings["weight"])

    return _Adapted([{"weight": weight} for weight in WEIGHTS], nats)

"""Units -> topics: fitted on the training split, their number chosen on validation, measured on test, beside LDA.

Shape letters: N units, K topics.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from halo.bundle.loading import Bundle
from halo.config import TopicsConfig
from halo.runtime.array_types import IntArray
from halo.runtime.errors import InputError, counted
from halo.topic_modelling.class_words import diversity, top_words, word_weights
from halo.topic_modelling.coherence import Cooccurrence, coherence, count_together, share_seen
from halo.topic_modelling.lda import fit_lda, require_tomotopy
from halo.topic_modelling.result import MethodResult, Topic, TopicResult
from halo.topic_modelling.stability import measure_stability, over_seeds
from halo.topic_modelling.topic_model import FORMAT, TopicDescription, TopicModel, fit_topics
from halo.topic_modelling.unit_vectors import probe_vector
from halo.topic_modelling.units import TopicUnits
from halo.topic_modelling.words import WordCounts, count_words

COHERENT_WORDS = 10
DIVERSE_WORDS = 25
TRIED = (5, 10, 15, 20, 30, 40, 50)
"""The numbers of topics that `auto` tries."""
TRIED_SEEDS = 3
UNITS_PER_TOPIC = 10
MIN_PASSAGE_WORDS = 15

log = logging.getLogger(__name__)


class Fit(NamedTuple):
    """The topics of one seed.

    Attributes:
        words: The numbers of each topic's words with their weights, the most telling first.
        topics_N: The topic of each training unit; -1 for none.
    """

    words: list[list[tuple[int, float]]]
    topics_N: IntArray

    def first_words(self, number: int) -> list[list[int]]:
        """Returns the numbers of the first words of each topic."""
        return [[word for word, _ in topic[:number]] for topic in self.words]


def find_topics(bundle: Bundle, units: TopicUnits, config: TopicsConfig) -> TopicResult:
    """Returns the topics of units, with all that is measured on them.

    Args:
        bundle: The model that made the vectors.
        units: What is divided among topics.
        config: The settings of the command.

    Raises:
        InputError: There are too few units or words, or scikit-learn is not installed.
    """
    is_training = units.in_split("train")
    require_units(int(is_training.sum()), config)
    counts = count_words(
        units.tokens,
        is_training.tolist(),
        units.documents.tolist(),
        min_documents=config.min_df,
        max_share=config.max_df,
        cased_forms=bundle.cased_forms,
    )
    tried = {} if config.num_topics != "auto" else try_numbers(units, counts, seed=config.seed)
    number = choose_number(tried) if config.num_topics == "auto" else config.num_topics
    seeds = range(config.seed, config.seed + config.num_seeds)
    models = [fit_topics(units.vectors[is_training], num_topics=number, seed=seed) for seed in seeds]
    fits = [cluster_fit(model, units, counts) for model in models]
    lda_fits = _lda_fits(counts, is_training, number, seeds, config)
    windows = held_out_windows(units, counts, [*fits, *lda_fits], split="test")
    clusters = measure("this model", fits, counts, windows)
    model = describe(models[0], bundle, unit=config.unit, result=clusters)
    assignment = model.assign(units.vectors)
    clusters = replace(clusters, topics=_with_passages(clusters.topics, model, units, config.passages))
    result = TopicResult(
        units=units,
        model=model,
        assignment=assignment,
        clusters=clusters,
        lda=measure("LDA", lda_fits, counts, windows) if lda_fits else None,
        unit=config.unit,
        other_seeds=len(seeds) - 1,
        num_words=len(counts.words),
        function_words=counts.function_words,
        tried=tried,
        notes=[],
    )
    return replace(result, notes=_notes(result, windows))


def require_units(number: int, config: TopicsConfig) -> None:
    """Raises `InputError` if there are fewer training units than topics."""
    least = 2 if config.num_topics == "auto" else config.num_topics
    if number < least:
        raise InputError(
            f"num_topics={config.num_topics}: only {counted(number, config.unit)} to make topics from (5 words or "
            f"more, in the training split); give more text{', or unit=paragraph' * (config.unit == 'document')}"
        )


def try_numbers(units: TopicUnits, counts: WordCounts, *, seed: int) -> dict[int, float]:
    """Returns the mean NPMI on validation text of different numbers of topics, over a few seeds.

    Numbers that leave fewer than ten training units for a topic are not tried; at least one is.
    """
    is_training = units.in_split("train")
    most = max(2, int(is_training.sum()) // UNITS_PER_TOPIC)
    numbers = [number for number in TRIED if number <= most] or [min(most, int(is_training.sum()))]
    tried = {}
    for number in numbers:
        models = [
            fit_topics(units.vectors[is_training], num_topics=number, seed=seed + step) for step in range(TRIED_SEEDS)
        ]
        fits = [cluster_fit(model, units, counts) for model in models]
        windows = held_out_windows(units, counts, fits, split="validation")
        tried[number] = float(np.mean([np.mean(coherences(fit, counts, windows)) for fit in fits]))
    return tried


def choose_number(tried: dict[int, float]) -> int:
    """Returns the number of topics with the largest NPMI; without validation text the one nearest to ten.

    >>> choose_number({5: 0.1, 10: 0.3, 20: 0.2}), choose_number({5: float("nan"), 15: float("nan")})
    (10, 5)
    """
    if not all(np.isfinite(value) for value in tried.values()):
        return min(tried, key=lambda number: abs(number - 10))
    return max(tried, key=lambda number: tried[number])


def cluster_fit(model: TopicModel, units: TopicUnits, counts: WordCounts) -> Fit:
    """Returns the training units of each cluster and its words."""
    is_training = units.in_split("train")
    topics_N, weights_NK = model.assign(units.vectors[is_training])
    weights_KW = word_weights(counts.counts_NW[is_training], weights_NK)
    words = [
        [(word, float(weights_KW[topic, word])) for word in words]
        for topic, words in enumerate(top_words(weights_KW, DIVERSE_WORDS))
    ]
    return Fit(words, topics_N)


def _lda_fits(
    counts: WordCounts,
    is_training: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    number: int,
    seeds: range,
    config: TopicsConfig,
) -> list[Fit]:
    """Returns LDA's topics for each seed; none if it is switched off or not installed."""
    if not config.lda:
        return []
    try:
        require_tomotopy()
    except InputError as error:
        log.warning("LDA is left out: %s", error)
        return []
    fits = []
    for seed in seeds:
        found = fit_lda(counts.counts_NW[is_training], num_topics=number, seed=seed, iterations=config.lda_iterations)
        fits.append(Fit(found.words, found.topics_N))
    return fits


def held_out_windows(units: TopicUnits, counts: WordCounts, fits: Sequence[Fit], *, split: str) -> Cooccurrence:
    """Returns how often the first words of topics occur together in the text of a held-out split."""
    words = {counts.words[word] for fit in fits for topic in fit.first_words(COHERENT_WORDS) for word in topic}
    chosen = units.in_split(split)
    texts = [[word.lower() for word in text] for text, keep in zip(units.tokens, chosen, strict=True) if keep]
    return count_together(texts, words)


def coherences(fit: Fit, counts: WordCounts, windows: Cooccurrence) -> list[float]:
    """Returns the NPMI of each topic."""
    return [coherence([counts.words[word] for word in topic], windows) for topic in fit.first_words(COHERENT_WORDS)]


def measure(name: str, fits: Sequence[Fit], counts: WordCounts, windows: Cooccurrence) -> MethodResult:
    """Returns the topics of the first seed with their figures, and those of the method over all seeds."""
    by_seed = [coherences(fit, counts, windows) for fit in fits]
    stability = measure_stability([fit.first_words(COHERENT_WORDS) for fit in fits], [fit.topics_N for fit in fits])
    first = fits[0]
    sizes = np.bincount(first.topics_N[first.topics_N >= 0], minlength=len(first.words))
    topics = [
        Topic(
            number=topic + 1,
            words=[(counts.forms[word], weight) for word, weight in words],
            size=int(sizes[topic]),
            coherence=by_seed[0][topic],
            jaccard=float(stability.jaccard_K[topic]),
            found_again=int(stability.found_again_K[topic]),
            passages=[],
        )
        for topic, words in enumerate(first.words)
    ]
    top = [[counts.words[word] for word in topic] for topic in first.first_words(COHERENT_WORDS)]
    return MethodResult(
        name=name,
        topics=topics,
        coherence=over_seeds([float(np.mean(values)) for values in by_seed]),
        diversity=over_seeds([diversity(fit.first_words(DIVERSE_WORDS)) for fit in fits]),
        jaccard=stability.jaccard,
        rand=stability.rand,
        words_seen=share_seen(top, windows),
    )


def describe(model: TopicModel, bundle: Bundle, *, unit: str, result: MethodResult) -> TopicModel:
    """Returns topics with their words, and with what they belong to."""
    words = [topic.words for topic in result.topics]
    return replace(model, description=TopicDescription(FORMAT, unit, probe_vector(bundle).tolist(), words))


def _with_passages(topics: list[Topic], model: TopicModel, units: TopicUnits, number: int) -> list[Topic]:
    """Returns topics with the units nearest to their centres, without those too short to be read as a passage."""
    distances_NK = model.distances(units.vectors)
    nearest_N = distances_NK.argmin(axis=1)
    is_long = np.array([len(words) >= MIN_PASSAGE_WORDS for words in units.tokens])
    chosen = []
    for index, topic in enumerate(topics):
        members = np.flatnonzero((nearest_N == index) & is_long)
        by_distance = members[np.argsort(distances_NK[members, index], kind="stable")]
        size = int((nearest_N == index).sum())
        chosen.append(replace(topic, size=size, passages=by_distance[:number].tolist()))
    return chosen


def _notes(result: TopicResult, windows: Cooccurrence) -> list[str]:
    """Returns what a reader has to know before he builds on the topics, a sentence each."""
    notes = []
    training = result.units.splits.count("train")
    if training < UNITS_PER_TOPIC * result.model.num_topics:
        notes.append(
            f"Only {counted(training, f'training {result.unit}')} for {result.model.num_topics} topics, fewer than "
            f"{UNITS_PER_TOPIC} each: topics of so few are mostly chance. Give fewer topics, or more text."
        )
    if not windows.windows:
        notes.append("The test split has no text to measure coherence on: NPMI is not known.")
    notes += [
        f"Topic {topic.number} ({topic.label}) is found again by {topic.found_again} of {result.other_seeds} other "
        "seeds: do not build on it."
        for topic in result.topics
        if result.is_unstable(topic)
    ]
    return notes

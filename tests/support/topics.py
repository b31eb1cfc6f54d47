"""A collection of three planted topics, as the modelling of topics returns it, without a model or a library."""

import numpy as np

from halo.topic_modelling.crossings.crossing import Measure, cross
from halo.topic_modelling.crossings.measures import label_measure
from halo.topic_modelling.crossings.over_time import topics_over_time
from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.page.material import Material
from halo.topic_modelling.result import MethodResult, Topic, TopicResult
from halo.topic_modelling.stability import Estimate
from halo.topic_modelling.topic_model import FORMAT, TopicDescription, TopicModel
from halo.topic_modelling.units import TopicUnits

WORDS = (["ventilation", "oxygen", "intubation"], ["mask", "distance", "crowd"], ["price", "market", "trade"])
UNITS_PER_DOCUMENT = 3


def topic_result(
    *, size: int = 90, words: tuple[list[str], ...] = WORDS, text: str = "", is_dated: bool = True, lda: bool = True
) -> TopicResult:
    """Returns topics of texts around as many centres as there are lists of words.

    Args:
        size: The number of texts, three of a document.
        words: The words of each topic.
        text: What every text, label and source holds besides.
        is_dated: Whether the texts have dates, one document a month.
        lda: Whether LDA is beside.
    """
    generator, number = np.random.default_rng(0), len(words)
    planted = generator.integers(number, size=size)
    vectors = (np.eye(number)[planted] + 0.1 * generator.normal(size=(size, number))).astype(np.float32)
    documents = np.arange(size) // UNITS_PER_DOCUMENT
    units = TopicUnits(
        texts=[f"text {each} about {words[topic][0]} {text}" for each, topic in enumerate(planted.tolist())],
        documents=documents,
        labels=[f"{'news' if topic else 'journal'}{text}" for topic in planted.tolist()],
        dates=[f"{2000 + each // 12}-{each % 12 + 1:02}" for each in documents.tolist()] if is_dated else None,
        splits=["train" if each % 5 else "test" for each in documents.tolist()],
        tokens=[words[topic] for topic in planted.tolist()],
        vectors=vectors,
        paragraphs=np.arange(size) % UNITS_PER_DOCUMENT,
        sources=[f"file.csv, line {each + 2}{text}" for each in documents.tolist()],
    )
    weighted = [[(word, 1 / rank) for rank, word in enumerate(own, start=1)] for own in words]
    model = TopicModel(np.zeros(number), np.eye(number), 0.1, 0.5, TopicDescription(FORMAT, "paragraph", [], weighted))
    topics = [
        Topic(
            number=place + 1,
            words=own,
            size=int((planted == place).sum()),
            coherence=0.2 - 0.1 * place,
            jaccard=0.5,
            found_again=9 - 4 * place,
            passages=np.flatnonzero(planted == place)[:2].tolist(),
        )
        for place, own in enumerate(weighted)
    ]
    return TopicResult(
        units=units,
        model=model,
        assignment=model.assign(vectors),
        clusters=_method("clusters of this model", topics, Estimate(0.1, 0.05, 0.15)),
        lda=_method("LDA", topics, Estimate(0.1, float("nan"), float("nan"))) if lda else None,
        unit="paragraph",
        other_seeds=9,
        num_words=500,
        function_words=["the", "of"],
        tried={5: 0.1, 10: 0.2},
        notes=["Topic 3 (price, market, trade) is found again by 1 of 9 other seeds: do not build on it."],
    )


def _method(name: str, topics: list[Topic], each: Estimate) -> MethodResult:
    figures = {"coherence": each, "diversity": each, "jaccard": each, "rand": each}
    return MethodResult(name=name, topics=topics, **figures, words_seen=0.9)


def crossed_topics(result: TopicResult) -> CrossedTopics:
    """Returns the topics with labels, with a surprisal that grows with the number of the topic, and with sentiment."""
    units, topics_N, number = result.units, result.assignment.topics_N, result.model.num_topics
    generator, ones = np.random.default_rng(1), np.ones(len(units))
    bits = generator.normal(7, 0.5, size=len(units)) + topics_N
    positive = generator.random(len(units))
    measures = [
        label_measure(units.labels),
        Measure(
            "surprisal", "bits per word", ["bits per word"], bits[:, None], ones, is_share=False, notes=["A note."]
        ),
        Measure(
            "sentiment",
            "mean probability",
            ["negative", "positive"],
            np.stack([1 - positive, positive], 1),
            ones,
            False,
        ),
    ]
    crossings = [cross(each, topics_N, units.documents, num_topics=number) for each in measures if each is not None]
    dates = [date or None for date in units.dates or [""] * len(units)]
    over_time = topics_over_time(topics_N, dates, units.documents, num_topics=number, period="auto")
    return CrossedTopics([each for each in crossings if each is not None], ["surprisal"], over_time)


def material(result: TopicResult | None = None, crossed: CrossedTopics | None = None, *, passages: int = 2) -> Material:
    """Returns what the page of topics is made of."""
    result = result or topic_result()
    return Material(result, crossed or crossed_topics(result), passages=passages, seed=1)

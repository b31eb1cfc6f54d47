"""What is found out about the topics of a collection, as plain data for topics.json."""

from dataclasses import asdict, dataclass
from typing import Any

from halo.topic_modelling.stability import Estimate
from halo.topic_modelling.topic_model import Assignment, TopicModel
from halo.topic_modelling.units import TopicUnits

LABEL_WORDS = 3
UNSTABLE = 0.5
"""A topic that fewer of the other seeds find again is called unstable."""


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes:
        number: Its number, from 1; the topics of the model are in the order of their sizes.
        words: Its words in readable form with their weights, the most telling first.
        size: The number of units in it.
        coherence: The mean NPMI of its first ten words on held-out text; NaN if there is none.
        jaccard: The mean Jaccard similarity of its first ten words to those of its counterparts under other seeds.
        found_again: By how many of the other seeds it is found again, with half of its words and units.
        passages: The numbers of the units that are nearest to its centre; empty for LDA.
    """

    number: int
    words: list[tuple[str, float]]
    size: int
    coherence: float
    jaccard: float
    found_again: int
    passages: list[int]

    @property
    def label(self) -> str:
        """The first words of the topic."""
        return ", ".join(word for word, _ in self.words[:LABEL_WORDS])


@dataclass(frozen=True)
class MethodResult:
    """The topics that a method finds, and how good they are, over all seeds.

    Attributes:
        name: The method.
        topics: Its topics with the first seed.
        coherence: Mean NPMI of the topics on held-out text.
        diversity: The share of different words among the first 25 of all topics.
        jaccard: Jaccard similarity of the words of matched topics.
        rand: Adjusted Rand index of the assignments.
        words_seen: The share of the topics' first ten words that the held-out text has.
    """

    name: str
    topics: list[Topic]
    coherence: Estimate
    diversity: Estimate
    jaccard: Estimate
    rand: Estimate
    words_seen: float


@dataclass(frozen=True)
class TopicResult:
    """The topics of a collection.

    Attributes:
        units: What was divided among topics.
        model: The topics, to be saved and given new texts.
        assignment: The topic of each unit.
        clusters: The topics of the model and how good they are.
        lda: LDA's, on the same units and words; None if it was left out.
        unit: What the units are, `paragraph` or `document`.
        other_seeds: The number of seeds beside the first.
        num_words: The number of different words that topics may be described by.
        function_words: The words that are left out because they are everywhere, the most frequent first.
        tried: The NPMI on validation text of each number of topics that was tried; empty if the number was given.
        notes: What a reader has to know, a sentence each.
    """

    units: TopicUnits
    model: TopicModel
    assignment: Assignment
    clusters: MethodResult
    lda: MethodResult | None
    unit: str
    other_seeds: int
    num_words: int
    function_words: list[str]
    tried: dict[int, float]
    notes: list[str]

    @property
    def topics(self) -> list[Topic]:
        """The topics of the model."""
        return self.clusters.topics

    def is_unstable(self, topic: Topic) -> bool:
        """Returns whether fewer than half of the other seeds find a topic again."""
        return self.other_seeds > 0 and topic.found_again < UNSTABLE * self.other_seeds

    def as_dict(self) -> dict[str, Any]:
        """Returns the result as plain data, without the texts of the units."""
        units = self.units
        return {
            "unit": self.unit,
            "num_topics": self.model.num_topics,
            "units": {split: units.splits.count(split) for split in ("train", "validation", "test")},
            "documents": len({*units.documents.tolist()}),
            "skipped_units": units.num_skipped,
            "words": self.num_words,
            "function_words": self.function_words,
            "other_seeds": self.other_seeds,
            "tried_num_topics": self.tried,
            "clusters": _method(self.clusters),
            "lda": None if self.lda is None else _method(self.lda),
            "notes": self.notes,
        }


def _method(result: MethodResult) -> dict[str, Any]:
    plain = asdict(result)
    for topic, each in zip(plain["topics"], result.topics, strict=True):
        topic["label"] = each.label
    for key in ("coherence", "diversity", "jaccard", "rand"):
        plain[key] = getattr(result, key)._asdict()
    return plain

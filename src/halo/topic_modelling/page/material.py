"""What the sections of the page are made of."""

from functools import cached_property
from typing import Any

from halo.reports.console import number
from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.result import Topic, TopicResult

Context = dict[str, Any]
"""The variables of a template."""


class Material:
    """The topics and how they are called on the page.

    Args:
        result: The topics.
        crossed: What else is known of them.
        passages: The number of typical passages of each topic; with 0 no text of the collection is shown.
        seed: Seed of the map.
    """

    def __init__(self, result: TopicResult, crossed: CrossedTopics, *, passages: int, seed: int) -> None:
        self.result, self.crossed, self.passages, self.seed = result, crossed, passages, seed

    @cached_property
    def names(self) -> list[str]:
        """The number of each topic with its first words."""
        return [f"{topic.number}: {topic.label}" for topic in self.result.topics]

    @property
    def units_name(self) -> str:
        """What the units are called, in the plural."""
        return f"{self.result.unit}s"

    def again(self, topic: Topic) -> str:
        """Returns by how many of the other seeds a topic is found again."""
        return f"{topic.found_again} of {self.result.other_seeds}" if self.result.other_seeds else "–"


def figure_text(value: float | None, *, digits: int = 2) -> str:
    """Returns a figure, or a dash where there is none.

    >>> figure_text(0.123), figure_text(float("nan")), figure_text(None)
    ('0.12', '–', '–')
    """
    return "–" if value is None or value != value else number(value, digits=digits).replace("-", "−")  # noqa: PLR0124

"""What the page about a classifier is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from halo.classification.measurement.cross_validation import CrossValidation
from halo.classification.measurement.learning_curve import CurvePoint
from halo.classification.measurement.measure import Measurement
from halo.classification.measurement.telling_words import Explanation, Faithfulness


class Example(NamedTuple):
    """A test document with the words that its classification rests on.

    Attributes:
        number: The number of the document within its split, counted from 0.
        target: Its class, as an index of the labels.
        explanation: Why the classifier has decided as it did.
    """

    number: int
    target: int
    explanation: Explanation


@dataclass(frozen=True)
class Material:
    """A measured classifier.

    Attributes:
        folder: The name of the run folder.
        source: The text that it learned from.
        num_train: Number of labelled training documents.
        measurement: Its figures.
        cross_validation: The figures of all documents; None if they were not measured.
        curve: The learning curve; empty if it was not measured.
        examples: Documents with their telling words.
        faithfulness: Whether these words matter more than others; None if there are no examples.
    """

    folder: str
    source: str
    num_train: int
    measurement: Measurement
    cross_validation: CrossValidation | None = None
    curve: Sequence[CurvePoint] = ()
    examples: Sequence[Example] = ()
    faithfulness: Faithfulness | None = field(default=None)

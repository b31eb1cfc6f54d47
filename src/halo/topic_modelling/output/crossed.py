"""Topics -> their crossings with labels, surprisal and sentiment, and their course over time.

Shape letters: N units of text, C classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from halo.bundle.loading import Bundle
from halo.config import TopicsConfig
from halo.runtime.errors import InputError
from halo.topic_modelling.crossings.crossing import Crossing, Measure, cross
from halo.topic_modelling.crossings.dates import choose_period
from halo.topic_modelling.crossings.measures import label_measure, sentiment_measure, surprisal_measure
from halo.topic_modelling.crossings.over_time import TopicsOverTime, topics_over_time
from halo.topic_modelling.crossings.tables import crossing_table, time_table
from halo.topic_modelling.result import TopicResult
from halo.topic_modelling.units import TopicUnits

if TYPE_CHECKING:
    from halo.classification.classifier_bundle import ClassifierBundle

HELD_OUT = (
    "Only the {} texts of the validation and test splits are measured: those that the model was trained on look more "
    "predictable than they are."
)
MAY_BE_SEEN = (
    "Texts that the model was trained on look more predictable than they are; leave path out to measure the held-out "
    "documents of its own corpus."
)


@dataclass(frozen=True)
class CrossedTopics:
    """What else is known of the topics.

    Attributes:
        crossings: Measures by topic: labels, wherever there are any, and what was asked for.
        asked: The names of those that were asked for.
        over_time: The topics over time; None without dates.
    """

    crossings: Sequence[Crossing]
    asked: Sequence[str]
    over_time: TopicsOverTime | None

    def as_dict(self) -> dict[str, Any]:
        """Returns all figures as plain data."""
        return {
            "crossings": {crossing.measure.name: _plain_crossing(crossing) for crossing in self.crossings},
            "over_time": None if self.over_time is None else _plain_time(self.over_time),
        }


def require_known(units: TopicUnits, config: TopicsConfig) -> None:
    """Raises `InputError` if the texts lack what is to be crossed with topics, before topics have been waited for.

    Args:
        units: The texts.
        config: The settings of the command.
    """
    if "label" in config.measures and len({*units.labels} - {""}) < 2:
        raise InputError("by=label: the texts have fewer than two labels; name their field with data.label_field")
    if {*config.measures} - {"label"} and not is_measured(units, config).any():
        raise InputError(f"by={','.join(config.measures)}: no held-out text to measure; give texts with path")
    if config.date_field is not None:
        dates = [date for date in units.dates or [] if date]
        if not dates:
            raise InputError(f"date_field={config.date_field}: no text has a date there; name another field")
        choose_period(dates, asked=config.period)


def is_measured(units: TopicUnits, config: TopicsConfig) -> npt.NDArray[np.bool_]:
    """Returns whether each text is measured, shape (N,): of the model's own corpus only what it was not trained on."""
    return np.ones(len(units), dtype=bool) if config.path is not None else ~units.in_split("train")


def cross_topics(
    result: TopicResult, bundle: Bundle, config: TopicsConfig, classifier: "ClassifierBundle | None"
) -> CrossedTopics:
    """Returns the crossings that the settings ask for; labels and dates are looked at wherever there are any.

    Args:
        result: The topics.
        bundle: The model that they come from.
        config: The settings of the command.
        classifier: The classifier of `by=sentiment`, see `open_classifier`.

    Raises:
        InputError: No text has a word that can be measured.
    """
    units, asked = result.units, config.measures
    topics_N, number = result.assignment.topics_N, result.model.num_topics
    measures: list[Measure] = []
    if (labels := label_measure(units.labels)) is not None:
        measures.append(labels)
    is_measured_N = is_measured(units, config)
    texts = [text for text, chosen in zip(units.texts, is_measured_N, strict=True) if chosen]
    if "surprisal" in asked:
        note = HELD_OUT.format(f"{len(texts):,}") if config.path is None else MAY_BE_SEEN
        measured = surprisal_measure(bundle, texts)
        measures.append(_spread(replace(measured, notes=[note, *measured.notes]), is_measured_N))
    if classifier is not None:
        measures.append(_spread(_sentiment(bundle, classifier, texts), is_measured_N))
    crossings = [cross(measure, topics_N, units.documents, num_topics=number) for measure in measures]
    for measure, crossing in zip(measures, crossings, strict=True):
        if crossing is None:
            raise InputError(f"by={measure.name}: no text has a word that can be measured; give other texts")
    over_time = None
    if units.dates is not None:
        dates = [date or None for date in units.dates]
        over_time = topics_over_time(topics_N, dates, units.documents, num_topics=number, period=config.period)
    return CrossedTopics([each for each in crossings if each is not None], asked, over_time)


def open_classifier(config: TopicsConfig) -> "ClassifierBundle | None":
    """Returns the classifier that the settings name; None if they name none.

    Raises:
        InputError: It cannot be loaded.
    """
    if config.classifier is None:
        return None
    from halo.classification.classifier_bundle import load_classifier

    return load_classifier(Path(config.classifier))


def _sentiment(bundle: Bundle, classifier: "ClassifierBundle", texts: Sequence[str]) -> Measure:
    from halo.classification.probabilities import predict

    is_same = is_made_from(bundle, classifier)
    return sentiment_measure(lambda some: predict(classifier, some), classifier.labels, texts, is_same_model=is_same)


def is_made_from(bundle: Bundle, classifier: "ClassifierBundle") -> bool | None:
    """Returns whether a classifier was made from a language model; None where its settings do not tell."""
    source = classifier.settings.get("language_model")
    if not isinstance(source, str):
        return False  # it had a language model of its own
    own, other = bundle.folder.resolve(), Path(source).resolve()
    return True if own in (other, other / "bundle") or other == own / "bundle" else None


def _spread(measure: Measure, is_measured_N: npt.NDArray[np.bool_]) -> Measure:
    """Returns a measure of some units as one of all, in which the others have no value."""
    values_NC = np.full((len(is_measured_N), len(measure.columns)), np.nan)
    values_NC[is_measured_N] = measure.values_NC
    weights_N = np.zeros(len(is_measured_N))
    weights_N[is_measured_N] = measure.weights_N
    return replace(measure, values_NC=values_NC, weights_N=weights_N)


def crossing_tables(crossed: CrossedTopics, result: TopicResult) -> list[str]:
    """Returns the tables of what was asked for, and of topics over time, for the terminal."""
    words = [[word for word, _ in topic.words] for topic in result.topics]
    tables = [
        crossing_table(crossing, words) for crossing in crossed.crossings if crossing.measure.name in crossed.asked
    ]
    return tables if crossed.over_time is None else [*tables, time_table(crossed.over_time, words)]


def _plain_crossing(crossing: Crossing) -> dict[str, Any]:
    columns = crossing.measure.columns
    return {
        "meaning": crossing.measure.meaning,
        "units": crossing.num_units,
        "documents": crossing.num_documents,
        "overall": dict(zip(columns, crossing.overall, strict=True)),
        "topics": [
            {name: cell._asdict() for name, cell in zip(columns, cells, strict=True)} for cells in crossing.cells
        ],
        "notes": [*crossing.measure.notes],
    }


def _plain_time(found: TopicsOverTime) -> dict[str, Any]:
    return {
        "period": found.period,
        "periods": [
            {"period": period, "units": units, "documents": documents, "topics": [share._asdict() for share in shares]}
            for period, units, documents, shares in zip(
                found.periods, found.units, found.documents, found.shares, strict=True
            )
        ],
        "trends": None if found.trends is None else [trend._asdict() for trend in found.trends],
        "undated_units": found.num_undated,
    }

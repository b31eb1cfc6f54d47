"""Topics as tables in files: a row for each unit of text, and a row for each topic and period."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from halo.runtime.atomic_files import atomic_write
from halo.scoring.files.writers import DelimitedWriter, Row
from halo.topic_modelling.crossings.over_time import TopicsOverTime
from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.result import TopicResult

UNITS, OVER_TIME = "topics.csv", "topics_over_time.csv"


def write_result_files(result: TopicResult, crossed: CrossedTopics, folder: Path) -> None:
    """Writes topics.csv, and topics_over_time.csv if there are dates.

    Args:
        result: The topics.
        crossed: What else is known of them.
        folder: The folder of the files.
    """
    measured = _measured_columns(crossed)
    names = ["document", "paragraph", "source", "split", "topic", "weight", "unlike_all_topics", "label", "date"]
    atomic_write(folder / UNITS, _csv([*names, *measured], _unit_rows(result, measured)))
    if crossed.over_time is not None:
        names = ["period", "topic", "label", "texts", "documents", "share", "low", "high"]
        atomic_write(folder / OVER_TIME, _csv(names, _period_rows(result, crossed.over_time)))


def _csv(names: list[str], rows: Iterator[Row]) -> str:
    parts: list[str] = []
    DelimitedWriter(names, parts.append, delimiter=",").write(rows)
    return "".join(parts)


def _measured_columns(crossed: CrossedTopics) -> dict[str, np.ndarray]:
    """Returns a column of values for each quantity that was measured of units; labels have their own column."""
    columns = {}
    for crossing in crossed.crossings:
        measure = crossing.measure
        if measure.name == "surprisal":
            columns["surprisal_bits_per_word"] = measure.values_NC[:, 0]
        elif measure.name == "sentiment":
            columns |= {f"p_{name}": measure.values_NC[:, place] for place, name in enumerate(measure.columns)}
    return columns


def _unit_rows(result: TopicResult, measured: dict[str, np.ndarray]) -> Iterator[Row]:
    units, assignment = result.units, result.assignment
    is_far = result.model.is_unlike_all(units.vectors)
    for place, topic in enumerate(assignment.topics_N.tolist()):
        yield {
            "document": int(units.documents[place]) + 1,
            "paragraph": int(units.paragraphs[place]) + 1 if result.unit == "paragraph" else None,
            "source": units.sources[place],
            "split": units.splits[place],
            "topic": topic + 1,
            "weight": float(assignment.weights_NK[place, topic]),
            "unlike_all_topics": bool(is_far[place]),
            "label": units.labels[place],
            "date": "" if units.dates is None else units.dates[place],
            **{name: float(values[place]) for name, values in measured.items()},
        }


def _period_rows(result: TopicResult, found: TopicsOverTime) -> Iterator[Row]:
    for place, period in enumerate(found.periods):
        for topic, share in zip(result.topics, found.shares[place], strict=True):
            counts = {"texts": found.units[place], "documents": found.documents[place]}
            yield {"period": period, "topic": topic.number, "label": topic.label, **counts, **share._asdict()}

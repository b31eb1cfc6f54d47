"""The sections of the page in its order."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from halo.comparing.page.charts.figure import as_json, run_line
from halo.runtime.errors import counted
from halo.topic_modelling.crossings.crossing import Cell, Crossing
from halo.topic_modelling.crossings.tables import SIGNIFICANT
from halo.topic_modelling.page.charts import draw_map, draw_means, draw_over_time
from halo.topic_modelling.page.map_points import map_texts
from halo.topic_modelling.page.material import Context, Material, figure_text
from halo.topic_modelling.result import MethodResult, Topic
from halo.topic_modelling.stability import Estimate

SHOWN_WORDS = 12
HOVER_CHARACTERS = 120
LEVELS = 5
"""The number of colours of a heat map."""
MAX_SHOWN_AT_FIRST = 6
"""Topics whose course is drawn before the reader chooses others."""


def summary_context(material: Material) -> Context:
    """Returns the most important figures, and what has to be known before anybody builds on the topics."""
    result = material.result
    clusters, lda = result.clusters, result.lda
    unstable = [topic for topic in result.topics if result.is_unstable(topic)]
    tiles = {
        "topics": f"{len(result.topics)}",
        material.units_name: f"{len(result.units):,}",
        "documents": f"{len({*result.units.documents.tolist()}):,}",
        "NPMI on held-out text": figure_text(clusters.coherence.mean),
    }
    if lda is not None:
        tiles["NPMI of LDA"] = figure_text(lda.coherence.mean)
    if result.other_seeds:
        tiles["unstable topics"] = f"{len(unstable)}"
    return {"tiles": tiles, "notes": result.notes, "skipped": result.units.num_skipped, "unit": result.unit}


def map_context(material: Material) -> Context:
    """Returns the texts as points in a plane."""
    result = material.result
    text_map = map_texts(result.model.project(result.units.vectors), seed=material.seed)
    if text_map is None:
        return {"missing": "it takes three different texts to draw a map"}
    topics = result.assignment.topics_N[text_map.numbers].tolist()
    figure = draw_map(text_map, topics, material.names, [_hover(material, each) for each in text_map.numbers.tolist()])
    return {
        "figure": as_json(figure),
        "height": figure.layout.height,
        "entries": _entries(material, [True] * len(result.topics)),
        "method": text_map.method,
        "num_points": len(text_map.numbers),
        "num_units": len(result.units),
        "units": material.units_name,
        "has_text": material.passages > 0,
    }


def _hover(material: Material, place: int) -> str:
    """Returns what is said of a text on the map: its beginning, or only where it stands if no text is to be shown."""
    units = material.result.units
    facts = f"document {units.documents[place] + 1}"
    if units.labels[place]:
        facts += f", {units.labels[place]}"
    return f"{facts}: {units.texts[place][:HOVER_CHARACTERS]}" if material.passages else facts


def _entries(material: Material, is_shown: Sequence[bool]) -> list[Context]:
    return [
        {"rank": place, "label": name, "is_shown": shown, "size": f"{topic.size:,}", **run_line(place)}
        for place, (topic, name, shown) in enumerate(zip(material.result.topics, material.names, is_shown, strict=True))
    ]


def topics_context(material: Material) -> Context:
    """Returns the table of the topics and their figures, with a remark on each that is unstable."""
    result, total = material.result, len(material.result.units)
    return {
        "rows": [
            {**_topic_row(material, topic), "share": f"{topic.size / total:.1%}", "remark": _remark(material, topic)}
            for topic in result.topics
        ],
        "units": material.units_name,
        "other_seeds": result.other_seeds,
        "function_words": result.function_words[:SHOWN_WORDS],
    }


def _topic_row(material: Material, topic: Topic) -> Context:
    return {
        "number": topic.number,
        "words": [word for word, _ in topic.words[:SHOWN_WORDS]],
        "size": topic.size,
        "coherence": figure_text(topic.coherence),
        "again": material.again(topic),
        "again_value": topic.found_again,
    }


def _remark(material: Material, topic: Topic) -> str:
    if material.result.is_unstable(topic):
        return f"unstable: other seeds find other topics here ({material.again(topic)}); do not build on it"
    return ""


def passages_context(material: Material) -> Context | None:
    """Returns the typical passages of each topic; None if no text is to be shown."""
    units = material.result.units
    if not material.passages:
        return None
    topics = []
    for topic, name in zip(material.result.topics, material.names, strict=True):
        passages = [
            {
                "text": units.texts[place],
                "source": units.sources[place],
                "label": units.labels[place],
                "date": "" if units.dates is None else units.dates[place],
            }
            for place in topic.passages[: material.passages]
        ]
        topics.append({"name": name, "passages": passages, "remark": _remark(material, topic)})
    return {"topics": topics}


def crossing_context(name: str) -> Callable[[Material], Context | None]:
    """Returns the function that returns a measure by topic; that returns None where it was not measured."""

    def context(material: Material) -> Context | None:
        found = next((each for each in material.crossed.crossings if each.measure.name == name), None)
        if found is None:
            return None
        shared = {
            "name": name,
            "meaning": found.measure.meaning,
            "columns": [*found.measure.columns],
            "notes": [*found.measure.notes],
            "size": f"{counted(found.num_units, 'text')} of {counted(found.num_documents, 'document')}",
        }
        if len(found.measure.columns) > 1:
            return {**shared, "figure": None, "rows": _heat_map(found, material.names), "overall": _overall(found)}
        figure = draw_means(found, material.names)
        drawn = {"figure": as_json(figure), "height": figure.layout.height}
        return {**shared, **drawn, "rows": _means(found, material.names), "overall": [figure_text(found.overall[0])]}

    return context


def _overall(crossing: Crossing) -> list[str]:
    return [f"{share:.{_digits(crossing)}%}" for share in crossing.overall]


def _digits(crossing: Crossing) -> int:
    return 0 if crossing.measure.is_share else 1  # probabilities of a classifier differ less than shares of texts


def _heat_map(crossing: Crossing, names: Sequence[str]) -> list[Context]:
    """Returns the cells of a heat map: a share each, and which of five colours it has."""
    values = [cell.mean for cells in crossing.cells for cell in cells if cell.mean is not None]
    low, high, digits = min(values), max(values), _digits(crossing)

    def shown(cell: Cell) -> Context:
        if cell.mean is None:
            return {"text": "–", "interval": "", "level": 0, "is_different": False, "value": ""}
        level = int(LEVELS * (cell.mean - low) / (high - low)) if high > low else 0
        bounds = [] if cell.low is None or cell.high is None else [cell.low, cell.high]
        return {
            "text": f"{cell.mean:.{digits}%}",
            "interval": "–".join(f"{100 * bound:.{digits}f}" for bound in bounds),
            "level": min(level, LEVELS - 1),
            "is_different": _is_different(cell),
            "value": f"{cell.mean:.5f}",
        }

    return [{"name": name, "cells": [*map(shown, cells)]} for name, cells in zip(names, crossing.cells, strict=True)]


def _means(crossing: Crossing, names: Sequence[str]) -> list[Context]:
    rows = []
    for name, (cell,) in zip(names, crossing.cells, strict=True):
        bounds = "–" if cell.low is None else f"{figure_text(cell.low)}–{figure_text(cell.high)}"
        change = (
            "–" if cell.mean is None or cell.others is None else f"{cell.mean - cell.others:+.2f}".replace("-", "−")
        )
        p_value = "–" if cell.p_value is None else "< 0.001" if cell.p_value < 0.001 else f"{cell.p_value:.3f}"
        figures = {"mean": figure_text(cell.mean), "interval": bounds, "change": change, "p": p_value}
        rows.append({"name": name, "is_different": _is_different(cell), **figures})
    return rows


def _is_different(cell: Cell) -> bool:
    return cell.p_value is not None and cell.p_value < SIGNIFICANT


def time_context(material: Material) -> Context | None:
    """Returns the topics over time; None without dates."""
    found = material.crossed.over_time
    if found is None:
        return None
    figure = draw_over_time(found, material.names)
    rows = []
    for topic, name in enumerate(material.names):
        trend = None if found.trends is None else found.trends[topic]
        is_more_than_chance = trend is not None and trend.p_value < SIGNIFICANT
        rows.append(
            {
                "name": name,
                "shares": [f"{each[topic].share:.0%}" for each in found.shares],
                "change": "–" if trend is None else f"{100 * trend.change:+.2f}".replace("-", "−"),
                "p": "–" if trend is None else "< 0.001" if trend.p_value < 0.001 else f"{trend.p_value:.3f}",
                "is_different": is_more_than_chance,
            }
        )
    return {
        "figure": as_json(figure),
        "height": figure.layout.height,
        "entries": _entries(material, [place < MAX_SHOWN_AT_FIRST for place in range(len(material.names))]),
        "max_shown": MAX_SHOWN_AT_FIRST,
        "rows": rows,
        "period": found.period,
        "periods": [*found.periods],
        "units": [f"{each:,}" for each in found.units],
        "num_undated": found.num_undated,
        "is_tested": found.trends is not None,
    }


def methods_context(material: Material) -> Context:
    """Returns the figures of the topics beside those of LDA, and LDA's topics."""
    result = material.result
    methods = [each for each in (result.clusters, result.lda) if each is not None]
    lda = [] if result.lda is None else result.lda.topics
    return {
        "rows": [_method_row(each) for each in methods],
        "lda": [_topic_row(material, topic) for topic in lda],
        "seeds": result.other_seeds + 1,
        "num_words": result.num_words,
        "words_seen": f"{result.clusters.words_seen:.0%}" if np.isfinite(result.clusters.words_seen) else "–",
        "tried": [(number, figure_text(value, digits=3)) for number, value in result.tried.items()],
        "units": material.units_name,
    }


def _method_row(method: MethodResult) -> Context:
    figures = (method.coherence, method.diversity, method.jaccard, method.rand)
    return {"name": method.name, "figures": [_estimate(each) for each in figures]}


def _estimate(estimate: Estimate) -> tuple[str, str]:
    mean = figure_text(estimate.mean, digits=3)
    low, high = figure_text(estimate.low, digits=3), figure_text(estimate.high, digits=3)
    return mean, "" if low == "–" else f"{low} to {high}"


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: Its heading.
        context: Returns the variables of its template; None if the page is to have no such section.
        template: The name of its template.
    """

    title: str
    context: Callable[[Material], Context | None]
    template: str


SECTIONS = {
    "summary": Section("Summary", summary_context, "summary.html.jinja"),
    "map": Section("Map", map_context, "map.html.jinja"),
    "topics": Section("Topics", topics_context, "topic_table.html.jinja"),
    "passages": Section("Typical passages", passages_context, "typical.html.jinja"),
    "time": Section("Over time", time_context, "time.html.jinja"),
    "label": Section("Labels by topic", crossing_context("label"), "crossing.html.jinja"),
    "sentiment": Section("Sentiment by topic", crossing_context("sentiment"), "crossing.html.jinja"),
    "surprisal": Section("Surprisal by topic", crossing_context("surprisal"), "crossing.html.jinja"),
    "methods": Section("How good the topics are", methods_context, "methods.html.jinja"),
}
"""The sections by name."""

"""Topics as tables for the terminal."""

import math

from halo.reports.console import table, wrapped
from halo.runtime.errors import counted, printable
from halo.topic_modelling.result import MethodResult, Topic, TopicResult
from halo.topic_modelling.stability import Estimate

SHOWN_WORDS = 8


def topic_tables(result: TopicResult) -> str:
    """Returns the table of topics, the table of methods, and what a reader has to know, at most 80 columns wide."""
    notes = "\n".join(map(wrapped, result.notes))
    return "\n\n".join(filter(None, [_topics(result), _methods(result), notes]))


def _topics(result: TopicResult) -> str:
    units = result.units
    kinds = counted(len(units), result.unit)
    title = f"{counted(result.model.num_topics, 'topic')} of {kinds}"
    if units.num_skipped:
        title += f"; {counted(units.num_skipped, result.unit)} of fewer than 5 words left out"
    if result.tried:
        values = ", ".join(f"{number}: {_plain(value)}" for number, value in result.tried.items())
        title += f"\nNumber of topics chosen by NPMI on validation text ({values})"
    again = f"again (of {result.other_seeds})"
    rows = [_row(topic) for topic in result.topics]
    for method in (result.clusters, result.lda):
        if method is not None:
            name = "all" if method is result.clusters else method.name
            words = f"diversity {_plain(method.diversity.mean)}"
            rows.append([name, "", words, _plain(method.coherence.mean), _plain(method.jaccard.mean)])
    return table(title, ["topic", "size", "words", "NPMI", again], rows, text_columns=(0, 2))


def _row(topic: Topic) -> list[str]:
    words = printable(", ".join(word for word, _ in topic.words[:SHOWN_WORDS]))
    return [str(topic.number), f"{topic.size:,}", words, _plain(topic.coherence), str(topic.found_again)]


def _methods(result: TopicResult) -> str:
    seeds = counted(result.other_seeds + 1, "seed")
    title = f"Mean over {seeds}, ± 95% interval; NPMI on the test split"
    header = ["", "NPMI", "diversity", "same words", "same units"]
    methods = [each for each in (result.clusters, result.lda) if each is not None]
    return table(title, header, [_method_row(each) for each in methods])


def _method_row(method: MethodResult) -> list[str]:
    figures = (method.coherence, method.diversity, method.jaccard, method.rand)
    return [method.name, *map(_interval, figures)]


def _interval(estimate: Estimate) -> str:
    """Returns a mean with half of its interval, which is symmetric."""
    if math.isnan(estimate.low):
        return _plain(estimate.mean)
    return f"{estimate.mean:.3f} ± {estimate.high - estimate.mean:.3f}"


def _plain(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"

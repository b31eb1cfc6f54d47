"""The sections of the page, each of which turns what was measured into the variables of its template."""

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any, NamedTuple

from halo.classification.measurement.figures import Figures
from halo.classification.measurement.measure import UNCALIBRATED
from halo.classification.measurement.paired_tests import PairedTest
from halo.classification.measurement.tables import most_confused, percent
from halo.classification.measurement.telling_words import REMOVED, Explanation
from halo.classification.measurement.wording import CLASSIFIER, LONG_NAMES, TFIDF
from halo.classification.page.drawings import draw_learning_curve, draw_reliability
from halo.classification.page.material import Example, Material
from halo.evaluation.bootstrap import Interval
from halo.scoring.comparison.statistics import show_p_value

Context = dict[str, Any]

MAX_CLASSES = 20
"""Classes up to which all confusions are drawn."""
SMALL_CLASS = 10
"""With fewer test documents, the figures of a class are little more than examples."""
MAX_WORDS = 150
"""Words of an example that are shown; the others are counted."""
WORDS_BEFORE = 40
"""Words before the most telling one at which a long example begins."""
LEVELS = (0.25, 0.5, 1.0)
"""Effects from which words are marked, as parts of the largest effect in the text."""


def verdict_context(material: Material) -> Context:
    """Returns the verdict and the figures that are looked at first."""
    measurement = material.measurement
    own = measurement.figures["test"][CLASSIFIER]
    tiles = {
        "accuracy on test": f"{own.accuracy:.1%}",
        "macro-F1": f"{own.macro_f1:.1%}",
        "labelled documents: training": f"{material.num_train:,}",
        "labelled documents: test": f"{own.documents:,}",
        "classes": f"{len(measurement.labels):,}",
    }
    if TFIDF in measurement.figures["test"]:
        tiles["accuracy of TF-IDF"] = f"{measurement.figures['test'][TFIDF].accuracy:.1%}"
    return {"sentences": measurement.verdict, "tiles": tiles, "notes": measurement.notes}


def models_context(material: Material) -> Context:
    """Returns the table of the models on test."""
    measurement = material.measurement
    errors = {model: each.error for model, each in measurement.calibrations.items()}
    return {
        "rows": _model_rows(measurement.figures["test"], measurement.tests, errors),
        "mixture": measurement.mixture,
        "mixed_with": None if measurement.mixed_with is None else LONG_NAMES[measurement.mixed_with],
    }


def folds_context(material: Material) -> Context | None:
    """Returns the table of the models on all documents by cross-validation; None if it was not asked for."""
    found = material.cross_validation
    if found is None:
        return None
    documents = found.figures[CLASSIFIER].documents
    rows = _model_rows(found.figures, found.tests, {})
    return {"rows": rows, "folds": found.folds, "documents": f"{documents:,}", "sentences": found.verdict}


def _model_rows(
    figures: Mapping[str, Figures], tests: Mapping[str, PairedTest], errors: Mapping[str, float]
) -> list[list[str]]:
    return [
        [
            name[:1].upper() + name[1:],
            percent(figures[model].accuracy),
            _interval(figures[model].accuracy_interval),
            percent(figures[model].macro_f1),
            _interval(figures[model].macro_f1_interval),
            f"{figures[model].cross_entropy:.3f}",
            percent(errors.get(model)),
            _interval(None if model == CLASSIFIER else tests[model].accuracy_interval, sign="+"),
            show_p_value(None if model == CLASSIFIER else tests[model].accuracy_p_value),
            show_p_value(None if model == CLASSIFIER else tests[model].macro_f1_p_value),
        ]
        for model, name in LONG_NAMES.items()
        if model in figures
    ]


def _interval(interval: Interval | None, *, sign: str = "") -> str:
    if interval is None:
        return "–"
    return " to ".join(f"{100 * bound:{sign}.1f}" for bound in interval)


def classes_context(material: Material) -> Context:
    """Returns the figures of each class, and the confusion picture."""
    measurement = material.measurement
    own, labels = measurement.figures["test"][CLASSIFIER], measurement.labels
    order = sorted(range(len(labels)), key=lambda index: (-own.classes[index].support, labels[index]))
    classes = [
        {
            "label": labels[index],
            "shares": [percent(share) for share in (each.precision, each.recall, each.f1)],
            "support": f"{each.support:,}",
            "predicted": f"{each.predicted:,}",
        }
        for index in order
        for each in [own.classes[index]]
    ]
    small = sum(each.support < SMALL_CLASS for each in own.classes)
    confusion = [
        {"label": labels[true], "cells": [_cell(own, true, predicted) for predicted in range(len(labels))]}
        for true in range(len(labels))
    ]
    pairs = [
        (labels[true], labels[predicted], f"{each:,}") for true, predicted, each in most_confused(own.confusion_CC)
    ]
    return {
        "labels": labels,
        "classes": classes[:MAX_CLASSES],
        "num_hidden": max(0, len(classes) - MAX_CLASSES),
        "confusion": confusion if len(labels) <= MAX_CLASSES else [],
        "pairs": pairs,
        "small": small,
        "small_class": SMALL_CLASS,
    }


def _cell(figures: Figures, true: int, predicted: int) -> Context:
    """Returns the number of a cell and its shade, from 0 for none to 4 for nearly all documents of the class."""
    number, support = int(figures.confusion_CC[true, predicted]), figures.classes[true].support
    share = number / support if support else 0.0
    return {
        "number": f"{number:,}",
        "level": min(4, int(4 * share) + 1) if number else 0,
        "is_right": true == predicted,
    }


def calibration_context(material: Material) -> Context:
    """Returns the reliability diagram, and its values as a table."""
    measurement = material.measurement
    before, after = (measurement.calibrations[model] for model in (UNCALIBRATED, CLASSIFIER))
    rows = [
        [
            f"{each.low:.1%} to {each.high:.1%}",
            f"{each.documents:,}",
            f"{each.predicted:.1%}",
            f"{each.observed:.1%}",
            f"{each.interval[0]:.1%} to {each.interval[1]:.1%}",
        ]
        for each in after.bins
    ]
    return {
        "drawing": draw_reliability(before, after),
        "before": f"{before.error:.1%}",
        "after": f"{after.error:.1%}",
        "temperature": f"{measurement.temperature:.2f}",
        "rows": rows,
    }


def curve_context(material: Material) -> Context | None:
    """Returns the learning curve; None if it was not asked for."""
    points = material.curve
    if len(points) < 2:
        return None
    models = [model for model in LONG_NAMES if model in points[0].accuracies]
    rows = [
        [
            f"{point.labels:,}",
            str(len(point.accuracies[CLASSIFIER])),
            *(_draws(point.accuracies[each]) for each in models),
        ]
        for point in points
    ]
    return {"drawing": draw_learning_curve(points), "models": [LONG_NAMES[model] for model in models], "rows": rows}


def _draws(accuracies: list[float]) -> str:
    mean = f"{fmean(accuracies):.1%}"
    return mean if len(accuracies) == 1 else f"{mean} ({min(accuracies):.1%} to {max(accuracies):.1%})"


def examples_context(material: Material) -> Context | None:
    """Returns right and wrong decisions with their telling words marked; None without examples."""
    if not material.examples:
        return None
    labels, faithfulness = material.measurement.labels, material.faithfulness
    groups = []
    for title, is_right in (("Wrong decisions", False), ("Right decisions", True)):
        found = [each for each in material.examples if (each.target == each.explanation.predicted) == is_right]
        groups.append({"title": title, "examples": [_example(each, labels) for each in found]})
    return {
        "groups": groups,
        "levels": [f"{level:.0%}" for level in LEVELS],
        "removed": REMOVED,
        "faithfulness": None
        if faithfulness is None
        else {
            "telling": f"{100 * faithfulness.telling:.1f}",
            "random": f"{100 * faithfulness.random:.1f}",
            "documents": f"{faithfulness.documents:,}",
            "p": f"p={show_p_value(faithfulness.p_value)}".replace("=<", "<"),
            "holds": faithfulness.p_value is not None and faithfulness.p_value < 0.05,
        },
    }


def _example(example: Example, labels: tuple[str, ...]) -> Context:
    words, explanation = example.explanation.words, example.explanation
    largest = max((word.effect for word in words if word.effect is not None), default=0.0)
    start = _first_shown(explanation, largest)
    shown = words[start : start + MAX_WORDS]
    return {
        "words": [{"text": word.text, "level": _level(word.effect, largest)} for word in shown],
        "before": start,
        "after": len(words) - start - len(shown),
        "number": f"{example.number + 1:,}",
        "label": labels[example.target],
        "predicted": labels[explanation.predicted],
        "probability": f"{explanation.probability:.0%}",
        "is_right": example.target == explanation.predicted,
        "telling": [word.text for word in explanation.most_telling(5)],
    }


def _first_shown(explanation: Explanation, largest: float) -> int:
    """Returns the word at which a long text begins on the page: some words before its most telling one."""
    words = explanation.words
    if len(words) <= MAX_WORDS:
        return 0
    place = next((index for index, word in enumerate(words) if word.effect == largest), 0)
    return min(max(0, place - WORDS_BEFORE), len(words) - MAX_WORDS)


def _level(effect: float | None, largest: float) -> int:
    if effect is None or effect <= 0:
        return 0
    return sum(effect >= level * largest for level in LEVELS)


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: Its heading.
        context: Returns the variables of its template; None to leave the section out.
    """

    title: str
    context: Callable[[Material], Context | None]


SECTIONS = {
    "verdict": Section("Verdict", verdict_context),
    "models": Section("Beside the baselines", models_context),
    "folds": Section("Cross-validation over all documents", folds_context),
    "classes": Section("Classes and confusions", classes_context),
    "calibration": Section("Calibration", calibration_context),
    "curve": Section("Learning curve", curve_context),
    "examples": Section("Decisions and their most telling words", examples_context),
}
"""The sections by name; the template of each is `templates/NAME.html.jinja`."""

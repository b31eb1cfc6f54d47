"""The drawings of the page: learning curve, reliability diagram, and a map of words."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from halo.reports.console import number
from halo.reports.data_report.markup import visible_text
from halo.reports.run_page.analysis.calibration import Calibration
from halo.reports.run_page.analysis.word_space import WordMap
from halo.reports.run_page.charts import WIDE_RANGE, Chart, linear_scale, log_scale, svg
from halo.reports.run_page.run_metrics import ValidationFigures

LARGEST = 1e100
"""Larger perplexities are drawn here, at the upper edge."""
SMALL_BIN = 20
"""Ranges with fewer tokens are drawn as hollow dots."""

MAP_WIDTH, MAP_HEIGHT = 760, 560
MAP_MARGIN = 14
LETTER_WIDTH, LINE_HEIGHT = 7.3, 15
MAX_LABEL = 18


def best_validation(validations: Sequence[ValidationFigures]) -> ValidationFigures:
    """Returns the validation with the lowest perplexity."""
    return min(validations, key=lambda each: math.inf if each.validation is None else each.validation)


def draw_learning_curve(validations: Sequence[ValidationFigures], *, overfitting_since: float | None) -> Markup | None:
    """Returns the perplexity of training and validation by epoch, with the best validation marked.

    A perplexity that is too large for a number is drawn at the upper edge.

    Args:
        validations: At least one.
        overfitting_since: The epoch from which the run overfitted; None if it did not.

    Returns:
        The drawing; None if every perplexity is too large for a number.
    """
    found = [value for each in validations for value in (each.train, each.validation) if value is not None]
    if not found:
        return None
    edge = None if any(None in (each.train, each.validation) for each in validations) else max(found)
    edge = min(max(found) * WIDE_RANGE, LARGEST) if edge is None else min(edge, LARGEST)

    def height(perplexity: float | None) -> float:
        return edge if perplexity is None else min(max(perplexity, 1.0), edge)

    low, is_wide = height(min(found)), edge >= WIDE_RANGE * height(min(found))
    y = log_scale(low, edge) if is_wide else linear_scale(low * 0.95, edge * 1.02)
    last, best = validations[-1].epochs, best_validation(validations)
    ylabel = "perplexity (logarithmic axis)" if is_wide else "perplexity"
    chart = Chart(linear_scale(0, last), y, xlabel="epoch", ylabel=ylabel)
    legend = [("validation", "validation"), ("train", "training, with dropout")]
    if overfitting_since is not None:
        chart.band(overfitting_since, last)
        legend.append(("band", "overfitting"))
    chart.curve([(each.epochs, height(each.validation)) for each in validations], "validation")
    chart.curve([(each.epochs, height(each.train)) for each in validations], "train")
    chart.legend(legend)
    if best.validation is not None:
        is_above = height(best.validation) >= height(best.train)
        chart.dot(best.epochs, height(best.validation), "best", radius=6.5)
        _label_best(chart, best.epochs, height(best.validation), number(best.validation, digits=1), is_above=is_above)
    return chart.svg("learning-curve", "Learning curve", _told_curve(validations))


def _label_best(chart: Chart, epoch: float, height: float, text: str, *, is_above: bool) -> None:
    """Writes the best perplexity beside its dot, on the side where the curve of training is not."""
    is_right = chart.x.share(epoch) > 1 / 2
    left, top = chart.left(epoch) + (-2 if is_right else 2), chart.top(height) + (-13 if is_above else 22)
    chart.text(left, top, f"best: {text}", anchor="end" if is_right else "start", kind="strong")


def _told_curve(validations: Sequence[ValidationFigures]) -> str:
    first, last, best = validations[0], validations[-1], best_validation(validations)
    return (
        f"Validation perplexity goes from {number(first.validation, digits=1)} at epoch {first.epochs:g} to "
        f"{number(last.validation, digits=1)} at epoch {last.epochs:g}, with the lowest, "
        f"{number(best.validation, digits=1)}, at epoch {best.epochs:g}. Training perplexity goes from "
        f"{number(first.train, digits=1)} to {number(last.train, digits=1)}. The table below has every value."
    )


def draw_reliability(calibration: Calibration) -> Markup:
    """Returns how often first guesses were right by the probability that the model gave them."""
    scale = linear_scale(0, 100, unit="%")
    chart = Chart(scale, scale, xlabel="probability of the first guess", ylabel="first guess was right", height=360)
    chart.line((0, 0), (100, 100), "ideal")
    for each in calibration.bins:
        low, high = each.interval
        chart.line((100 * each.predicted, 100 * low), (100 * each.predicted, 100 * high), "whisker")
    for each in calibration.bins:
        kind = "validation" if each.tokens >= SMALL_BIN else "hollow"
        chart.dot(100 * each.predicted, 100 * each.observed, kind, radius=5)
    chart.legend([("ideal", "perfectly calibrated"), ("validation", "this model, validation")])
    told = (
        f"On average the first guess has a probability of {calibration.confidence:.1%} and is right in "
        f"{calibration.accuracy:.1%} of the tokens. The table below has every range."
    )
    return chart.svg("reliability", "Reliability diagram", told)


def draw_word_map(word_map: WordMap) -> Markup:
    """Returns the words at their places; those whose label would cover another one are dots alone.

    The words are labelled in their order, so that the most frequent ones keep their labels.
    """
    xs, ys = ([getattr(word, axis) for word in word_map.words] for axis in "xy")
    parts, boxes = [], []
    for word in word_map.words:
        left = MAP_MARGIN + _share(word.x, xs) * (MAP_WIDTH - 2 * MAP_MARGIN)
        top = MAP_MARGIN + (1 - _share(word.y, ys)) * (MAP_HEIGHT - 2 * MAP_MARGIN)
        parts.append(Markup('<circle class="dot validation" cx="{:.1f}" cy="{:.1f}" r="2.6"/>').format(left, top))
        boxes.append((left - 3, top - 3, left + 3, top + 3))
    dots = list(boxes)
    for index, word in enumerate(word_map.words):
        text = word.word if len(word.word) <= MAX_LABEL else f"{word.word[: MAX_LABEL - 1]}…"
        found = _free_place(text, dots[index], [box for place, box in enumerate(boxes) if place != index])
        if found is not None:
            boxes.append(found)
            place = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>')
            parts.append(place.format((found[0] + found[2]) / 2, found[3] - 3.5, visible_text(text)))
    shown = ", ".join(word.word for word in word_map.words[:20])
    told = f"{len(word_map.words)} frequent content words by the first two principal components. Among them: {shown}."
    return svg(parts, "word-map", "Map of words", told, width=MAP_WIDTH, height=MAP_HEIGHT, kind="wide")


Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def _share(value: float, values: Sequence[float]) -> float:
    span = max(values) - min(values)
    return (value - min(values)) / span if span else 0.5


def _free_place(text: str, dot: Box, taken: Sequence[Box]) -> Box | None:
    """Returns a box for a label beside its dot that covers nothing; None if there is none."""
    width = LETTER_WIDTH * len(text) + 2
    left, top, right, bottom = dot
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    places = [
        (right + 2, middle_y - LINE_HEIGHT / 2),
        (left - 2 - width, middle_y - LINE_HEIGHT / 2),
        (middle_x - width / 2, top - LINE_HEIGHT),
        (middle_x - width / 2, bottom),
        (right, top - LINE_HEIGHT),
        (right, bottom),
        (left - width, top - LINE_HEIGHT),
        (left - width, bottom),
    ]
    for x, y in places:
        box = (x, y, x + width, y + LINE_HEIGHT)
        is_inside = x >= 0 and y >= 0 and box[2] <= MAP_WIDTH and box[3] <= MAP_HEIGHT
        if is_inside and not any(_overlap(box, other) for other in taken):
            return box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

"""The drawings of the page: reliability diagram and learning curve."""

from collections.abc import Sequence
from statistics import fmean

from markupsafe import Markup

from halo.classification.measurement.calibration import Calibration
from halo.classification.measurement.learning_curve import CurvePoint
from halo.classification.measurement.wording import CLASSIFIER, TFIDF
from halo.reports.run_page.charts import Chart, linear_scale, log_scale


def draw_reliability(before: Calibration, after: Calibration) -> Markup:
    """Returns how often predictions are right by their probability, before and after temperature scaling."""
    scale = linear_scale(0, 100, unit="%")
    chart = Chart(scale, scale, xlabel="probability of the predicted class", ylabel="prediction was right", height=360)
    chart.line((0, 0), (100, 100), "ideal")
    for each in after.bins:
        low, high = each.interval
        chart.line((100 * each.predicted, 100 * low), (100 * each.predicted, 100 * high), "whisker")
    for kind, calibration in (("train", before), ("validation", after)):
        chart.curve([(100 * each.predicted, 100 * each.observed) for each in calibration.bins], kind)
    chart.legend([("ideal", "perfect"), ("train", "as trained"), ("validation", "with temperature")])
    told = (
        f"The calibration error is {before.error:.1%} as trained and {after.error:.1%} with the temperature. The table "
        "below has every bin."
    )
    return chart.svg("reliability", "Reliability diagram", told)


def draw_learning_curve(points: Sequence[CurvePoint]) -> Markup:
    """Returns the accuracy by the number of labels, of the classifier and of TF-IDF, with the range over draws.

    Args:
        points: At least two.
    """
    shown = [model for model in (CLASSIFIER, TFIDF) if model in points[0].accuracies]
    every = [100 * value for point in points for model in shown for value in point.accuracies[model]]
    x = log_scale(points[0].labels, points[-1].labels)
    chart = Chart(
        x,
        linear_scale(max(0.0, min(every) - 3), min(100.0, max(every) + 3), unit="%"),
        xlabel="labelled training documents (logarithmic axis)",
        ylabel="accuracy on test",
    )
    kinds = {CLASSIFIER: "validation", TFIDF: "train"}
    for model in shown:
        for point in points:
            values = [100 * value for value in point.accuracies[model]]
            chart.line((point.labels, min(values)), (point.labels, max(values)), "whisker")
        chart.curve([(point.labels, 100 * fmean(point.accuracies[model])) for point in points], kinds[model])
    names = {CLASSIFIER: "classifier", TFIDF: "TF-IDF with logistic regression"}
    chart.legend([(kinds[model], names[model]) for model in shown])
    last = points[-1]
    ends = ", ".join(f"{names[model]} {fmean(last.accuracies[model]):.1%}" for model in shown)
    return chart.svg("learning-curve", "Learning curve", f"With {last.labels:,} labels: {ends}. The table has all.")

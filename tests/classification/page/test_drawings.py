"""The drawings say in words what they show."""

from halo.classification.measurement.calibration import Bin, Calibration
from halo.classification.measurement.learning_curve import CurvePoint
from halo.classification.page.drawings import draw_learning_curve, draw_reliability
from halo.evaluation.bootstrap import Interval

CALIBRATION = Calibration(
    0.2, [Bin(0.5, 0.7, 20, 0.6, 0.4, Interval(0.2, 0.6)), Bin(0.9, 1, 20, 0.95, 0.75, Interval(0.5, 0.9))]
)


def test_the_reliability_diagram_has_a_dot_for_each_bin_before_and_after() -> None:
    drawing = draw_reliability(CALIBRATION, CALIBRATION._replace(error=0.05))
    assert drawing.count('<circle class="dot validation"') == 3  # two bins and the legend
    assert "20.0% as trained and 5.0% with the temperature" in drawing


def test_the_learning_curve_has_both_models_and_needs_no_tfidf() -> None:
    points = [CurvePoint(size, {"classifier": [0.5], "tfidf": [0.4]}, {}) for size in (10, 30)]
    assert "TF-IDF with logistic regression 40.0%" in draw_learning_curve(points)
    alone = [CurvePoint(size, {"classifier": [0.5]}, {}) for size in (10, 30)]
    assert "TF-IDF" not in draw_learning_curve(alone)

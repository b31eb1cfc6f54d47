"""The table of bits per base."""

from halo.evaluation.bootstrap import Interval
from halo.genomics.genome_report import RESEARCH_ONLY, measurement_report
from halo.genomics.markov import ContextCounts, MarkovModel, Smoothing
from halo.genomics.measurement import Difference, Measurement, Row

MEASURED = Measurement(
    rows=[
        Row("uniform", "uniform", 2.0, 2.0, None),
        Row("Markov, order 11", "markov_11", 1.93, 1.94, Interval(1.9, 1.96), "interpolated 256"),
        Row("Markov, order 12", "markov_12", 1.92, 1.93, Interval(1.9, 1.95), "interpolated 256", is_chosen=True),
        Row("trained model", "model", 1.9, 1.91, Interval(1.89, 1.95)),
        Row("  mixed with Markov", "mixture", 1.89, 1.9, Interval(1.89, 1.95), "weight 0.65"),
    ],
    differences=[Difference("order-12 Markov model", "trained model", 0.02, Interval(0.01, 0.03))],
    bases=123_456,
    blocks=50,
    markov=MarkovModel(ContextCounts([], max_order=12), 12, Smoothing("interpolated", 256.0)),
)


def test_the_table_fits_80_columns_with_the_chosen_order_marked_and_the_verdict_below() -> None:
    report = measurement_report(MEASURED, title="Bits per base of x")
    lines = report.text.splitlines()
    assert max(map(len, lines)) <= 80
    (marked,) = [line for line in lines if " * " in line and "Markov, order" in line]
    assert "Markov, order 12 *" in marked
    assert "1.9300" in marked
    joined = " ".join(report.text.split())
    assert "The trained model predicts better than the order-12 Markov model, by 0.0200 bits per base" in joined
    assert RESEARCH_ONLY in joined
    assert len([line for line in lines if "interpolated 256" in line]) == 2  # not wrapped


def test_metrics_have_every_row_and_difference() -> None:
    metrics = measurement_report(MEASURED, title="x").metrics
    assert metrics["models"]["markov_12"]["test_bits_per_base"] == 1.93
    assert metrics["markov_order"] == 12
    assert metrics["differences"][0]["bits"] == 0.02
    assert metrics["models"]["model"]["test_interval"] == [1.89, 1.95]

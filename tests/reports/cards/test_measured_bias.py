"""What a card says about biases, with figures and without."""

from halo.reports.cards.measured_bias import by_label_table, swaps_table
from tests.support.run_metrics import text_metrics

DIRECTION = {
    "name": "he → she",
    "sentences": 30,
    "documents": 9,
    "word_bits": [1.5, 1.0, 2.0],
    "rest_bits": [0.0, -0.1, 0.1],
}


def test_labels_have_documents_and_intervals() -> None:
    part = {"tokens": 5, "share_of_nll": 1.0, "perplexity": 12.3}
    measured = {**part, "documents": 4, "perplexity_interval": [10.0, 15.0]}
    shown = by_label_table({"by_label": {"a|b": measured, "old": {**part, "tokens": 9}}})
    assert "| a\\|b | 4 | 12.30 | 10.0 to 15.0 |" in shown
    assert "| old | - | 12.30 | - |" in shown
    assert by_label_table({"by_label": {}}) == ""
    assert "metrics.json has 10 more labels." in by_label_table(text_metrics())


def test_swaps_have_estimates_or_reasons() -> None:
    back = {**DIRECTION, "name": "she → he", "sentences": 20, "documents": 6}
    preference = {
        "name": "he rather than she",
        "documents": 11,
        "word_bits": [0.5, 0.2, 0.9],
        "rest_bits": [0.0, 0.0, 0.0],
    }
    swaps = [
        {"name": "he / she", "skipped": None, "directions": [DIRECTION, back], "preference": preference},
        {"name": "first names", "skipped": "3 sentences", "directions": [], "preference": None},
    ]
    shown = swaps_table({"skipped": None, "swaps": swaps})
    assert "| he → she | 30 in 9 | +1.50 (+1.00 to +2.00) | +0.00 (-0.10 to +0.10) |" in shown
    assert "| he rather than she | 50 in 11 | +0.50 (+0.20 to +0.90) |" in shown
    assert shown.endswith("first names: 3 sentences.")
    assert swaps_table({"skipped": "not of words"}) == "Not measured: not of words."

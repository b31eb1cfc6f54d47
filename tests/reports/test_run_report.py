"""What a finished run prints."""

from halo.reports.run_report import run_report
from tests.support.run_metrics import run_metrics


def test_samples_metrics_verdict_and_next_commands_are_printed_in_this_order() -> None:
    shown = run_report(run_metrics(), ["the virus spreads"], "Run folder: x")
    parts = ["the virus spreads", "Metrics", "Validation loss breakdown", "Perplexity (best by", "Verdict: neither"]
    places = [shown.index(part) for part in [*parts, "Run folder: x"]]
    assert places == sorted(places)


def test_every_line_fits_80_columns() -> None:
    assert max(map(len, run_report(run_metrics(), ["word " * 50], "").splitlines())) <= 80


def test_of_a_genome_bits_per_base_are_printed_with_the_best_markov_model_only() -> None:
    models = {
        key: {"name": key, "test_bits_per_base": 1.9, "is_chosen": key == "markov_2"}
        for key in ("uniform", "markov_1", "markov_2", "model")
    }
    metrics = {**run_metrics(), "genome": {"models": models, "verdict": "The a predicts better.\nThe b as well."}}
    shown = run_report(metrics, [], "")
    assert "Bits per base (test): uniform: 1.9000; markov_2: 1.9000; model: 1.9000\nThe a predicts" in shown
    assert "Bits per base" not in run_report(run_metrics(), [], "")

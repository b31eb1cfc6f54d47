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

"""Tables of the effects of variants."""

import csv
from collections.abc import Mapping
from pathlib import Path

from halo.genomics.markov import ContextCounts, MarkovModel, Smoothing
from halo.genomics.variants.variant_effects import Effect
from halo.genomics.variants.variant_files import Variant, VariantFile
from halo.genomics.variants.variant_report import MAX_SHOWN, variant_report, write_effects

NAMES = ["#CHROM", "POS", "REF", "ALT", "note"]


def variant(position: int, alt: str, note: str = "") -> Variant:
    columns = {"#CHROM": "c", "POS": str(position), "REF": "A", "ALT": alt or "<DEL>", "note": "mine"}
    return Variant("x", "c", position - 1, "A", alt, note, columns)


def test_the_file_has_all_columns_and_a_row_for_every_variant(tmp_path: Path) -> None:
    file = VariantFile(NAMES, [variant(3, "C"), variant(4, "", "symbolic allele")])
    effects = [{"model": Effect(-1.0, -2.0), "markov": Effect(0.5)}, None]
    write_effects(file, effects, str(tmp_path / "e.tsv"))
    with (tmp_path / "e.tsv").open(encoding="utf-8") as stream:
        first, second = csv.DictReader(stream, delimiter="\t")
    assert [first[name] for name in ("#CHROM", "POS", "REF", "ALT", "input_note")] == ["c", "3", "A", "C", "mine"]
    assert float(first["log_likelihood_difference"]) == -1.5
    assert (first["forward_difference"], first["reverse_difference"]) == ("-1", "-2")
    assert (first["markov_difference"], first["note"]) == ("0.5", "")
    assert (second["log_likelihood_difference"], second["note"]) == ("", "symbolic allele")


def test_the_lowest_are_shown_first_and_what_has_no_score_is_counted() -> None:
    variants = [*(variant(place, "C" * 40) for place in range(1, MAX_SHOWN + 5)), variant(99, "", "symbolic allele")]
    effects: list[Mapping[str, Effect] | None] = [
        *({"model": Effect(float(place)), "markov": Effect(0.0)} for place in range(1, MAX_SHOWN + 5)),
        None,
    ]
    markov = MarkovModel(ContextCounts([], max_order=2), 2, Smoothing("additive", 1.0))
    report = variant_report(VariantFile(NAMES, variants), effects, markov=markov, output=None)
    lines = report.text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "(the 20 lowest of 24)" in " ".join(report.text.split())
    assert "24 variants scored, 1 without scores (symbolic allele)" in report.text
    assert next(line for line in lines if line.startswith("│ c")).split("│")[2].strip() == "1"
    assert report.metrics["mean_log_likelihood_difference"] == {"model": 12.5, "markov": 0.0}


def test_without_a_variant_with_a_sequence_there_is_no_table() -> None:
    report = variant_report(VariantFile(NAMES, [variant(1, "", "x")]), [None], markov=None, output="e.tsv")
    assert report.text.startswith("0 variants scored, 1 without scores (x)")
    assert report.metrics["scored"] == 0

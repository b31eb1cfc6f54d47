"""Effects of variants as a file and for the terminal."""

from collections.abc import Mapping, Sequence

import numpy as np

from halo.evaluation.evaluation_report import Report
from halo.genomics.genome_report import RESEARCH_ONLY
from halo.genomics.markov import MarkovModel
from halo.genomics.variants.variant_effects import Effect
from halo.genomics.variants.variant_files import Variant, VariantFile
from halo.reports.console import table, wrapped
from halo.runtime.errors import counted
from halo.scoring.files.writers import Row, open_output

MAX_SHOWN = 20
MAX_ALLELE_WIDTH = 12
COLUMNS: Mapping[str, type] = {
    "allele": str,
    "log_likelihood_difference": float,
    "forward_difference": float,
    "reverse_difference": float,
    "markov_difference": float,
    "note": str,
}
"""The columns of scores, behind those of the input; differences are in nats, alternative minus reference."""
PREFIX = "input_"
"""What is put before the name of a column of the input that is a column of scores too."""

Effects = Sequence[Mapping[str, Effect] | None]


def write_effects(file: VariantFile, effects: Effects, output: str) -> None:
    """Writes a row for each alternative allele: all columns of the input, then those of the scores.

    Args:
        file: The variants.
        effects: Their effects.
        output: A .tsv, .csv, .jsonl or .parquet file.

    Raises:
        InputError: The file cannot be written.
    """
    kept = {name: f"{PREFIX}{name}" if name in COLUMNS else name for name in file.names}
    with open_output(output, [*kept.values(), *COLUMNS], COLUMNS, tool="halo") as writer:
        writer.write([
            {**{kept[name]: value for name, value in variant.columns.items()}, **_scores(variant, effect)}
            for variant, effect in zip(file.variants, effects, strict=True)
        ])  # fmt: skip


def _scores(variant: Variant, effect: Mapping[str, Effect] | None) -> Row:
    if effect is None:
        return {"note": variant.note}
    model, markov = effect["model"], effect.get("markov")
    return {
        "allele": variant.alt,
        "log_likelihood_difference": model.mean,
        "forward_difference": model.forward,
        "reverse_difference": model.reverse,
        "markov_difference": None if markov is None else markov.mean,
        "note": "",
    }


def variant_report(file: VariantFile, effects: Effects, *, markov: MarkovModel | None, output: str | None) -> Report:
    """Returns the table of the variants with the lowest scores, and how many were scored.

    Args:
        file: The variants.
        effects: Their effects.
        markov: The Markov model beside the trained model; None for none.
        output: The file with all of them; None if there is none.
    """
    scored = [(variant, effect) for variant, effect in zip(file.variants, effects, strict=True) if effect is not None]
    scored.sort(key=lambda pair: pair[1]["model"].mean)
    rows = [_table_row(variant, effect) for variant, effect in scored[:MAX_SHOWN]]
    title = "Log-likelihood of the sequence with the variant minus that without, in nats"
    if len(scored) > MAX_SHOWN:
        title += f" (the {MAX_SHOWN} lowest of {len(scored):,})"
    header = ["sequence", "position", "ref", "alt", "model", "Markov"]
    lines = [_counts(file, len(scored)), "Below 0: the variant makes the sequence less likely to the model."]
    if markov is not None:
        lines.append(f"Markov: the {markov} of the training regions.")
    lines.append(f"All columns: {output}" if output else "output=FILE.tsv writes all of them, with all columns.")
    lines.append(RESEARCH_ONLY)
    drawn = [table(title, header, rows, text_columns=(0, 2, 3))] if rows else []
    return Report("\n".join([*drawn, *map(wrapped, lines)]), _metrics(file, scored, markov))


def _counts(file: VariantFile, scored: int) -> str:
    notes = [variant.note for variant in file.variants if variant.note]
    line = f"{counted(scored, 'variant')} scored"
    kinds = [f"{notes.count(note):,} without scores ({note})" for note in dict.fromkeys(notes)]
    return ", ".join([line, *kinds])


def _table_row(variant: Variant, effect: Mapping[str, Effect]) -> list[str]:
    figures = [f"{effect[name].mean:.3f}" if name in effect else "-" for name in ("model", "markov")]
    alleles = [_short(variant.ref), _short(variant.alt)]
    return [variant.record, f"{variant.position + 1:,}", *alleles, *figures]


def _short(allele: str) -> str:
    return allele if len(allele) <= MAX_ALLELE_WIDTH else f"{allele[: MAX_ALLELE_WIDTH - 1]}…"


def _metrics(
    file: VariantFile, scored: Sequence[tuple[Variant, Mapping[str, Effect]]], markov: MarkovModel | None
) -> dict[str, object]:
    means = {
        name: float(np.mean([effect[name].mean for _, effect in scored])) if scored else None
        for name in ("model", "markov")
        if not scored or name in scored[0][1]
    }
    return {
        "variants": len(file.variants),
        "scored": len(scored),
        "mean_log_likelihood_difference": means,
        "markov_order": None if markov is None else markov.order,
    }

"""What a card says about measured biases: perplexity by label, and words that were swapped."""

from collections.abc import Mapping, Sequence
from typing import Any

from halo.reports.cards.markdown import plain_text, table
from halo.reports.console import number

MAX_LABELS = 20


def by_label_table(figures: Mapping[str, Any]) -> str:
    """Returns the table of the perplexity of each label with its interval, the largest labels first; empty without any.

    Args:
        figures: The figures of a split, as in metrics.json.
    """
    labels = sorted(figures.get("by_label", {}).items(), key=lambda item: -item[1]["tokens"])
    if not labels:
        return ""
    rows = [
        [
            plain_text(name),
            f"{part['documents']:,}" if "documents" in part else "-",
            number(part["perplexity"]),
            _range(part.get("perplexity_interval")),
        ]
        for name, part in labels[:MAX_LABELS]
    ]
    shown = table(["label", "documents", "perplexity", "95% interval"], rows)
    hidden = len(labels) - len(rows)
    return f"{shown}\n\nmetrics.json has {hidden} more labels." if hidden else shown


def _range(bounds: Sequence[float | None] | None) -> str:
    return "-" if bounds is None else " to ".join(number(bound, digits=1) for bound in bounds)


def swaps_table(measured: Mapping[str, Any]) -> str:
    """Returns the table of swapped words, below it why others were not swapped; the reason alone if none were.

    Args:
        measured: The entry `counterfactuals` of metrics.json.
    """
    if measured.get("skipped"):
        return f"Not measured: {plain_text(measured['skipped'])}."
    swaps = measured["swaps"]
    rows = [
        [
            plain_text(each["name"]),
            f"{each['sentences']:,} in {each['documents']:,}",
            _estimate(each["word_bits"]),
            _estimate(each["rest_bits"]),
        ]
        for swap in swaps
        for each in _rows_of(swap)
    ]
    header = ["swapped", "sentences in documents", "the word itself (bits)", "each further token (bits)"]
    skipped = [f"{plain_text(each['name'])}: {plain_text(each['skipped'])}." for each in swaps if each["skipped"]]
    return "\n\n".join([*([table(header, rows)] if rows else []), *skipped])


def _rows_of(swap: Mapping[str, Any]) -> list[dict[str, Any]]:
    directions = swap["directions"]
    preference = swap.get("preference")
    if preference is None:
        return list(directions)
    return [*directions, {**preference, "sentences": sum(each["sentences"] for each in directions)}]


def _estimate(bounds: Sequence[float]) -> str:
    mean, low, high = bounds
    return f"{mean:+.2f} ({low:+.2f} to {high:+.2f})"

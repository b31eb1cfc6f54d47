"""Sentences about the duplicates of a prepared text, for the terminal and for error messages."""

from collections.abc import Mapping
from typing import Any

from halo.corpus.dedup.duplicates import settings_that_keep

MIN_SHARE_DESCRIBED = 0.05  # of the documents or of the text; a few copies are part of every large text


def describe_duplicates(entry: Mapping[str, Any]) -> list[str]:
    """Returns what was dropped as duplicates, with an example if it is much of the text; empty if nothing was.

    Args:
        entry: The entry `duplicates` of the manifest.
    """
    lines = []
    by_split = entry["dropped_by_kept_split"]
    if any(by_split.values()):
        places = ", ".join(f"{number:,} of the {split} text" for split, number in by_split.items())
        lines.append(
            f"Training text: {what_was_dropped(entry)} dropped as duplicates: {places}. "
            "Validation and test text are whole."
        )
    elif entry["counts"]:
        lines.append(f"Duplicates: {what_was_dropped(entry)} dropped before the split; manifest.json lists them.")
    if lines and dropped_share(entry) >= MIN_SHARE_DESCRIBED:
        dropped, kept = entry["example"] or ("", "")  # none of a private text
        if kept:
            lines += [f"  repeated: {kept}"] if dropped == kept else [f"  dropped: {dropped}", f"  kept:    {kept}"]
        lines.append(f"  To keep {'all' if dropped == kept else 'both'}: {how_to_keep(entry)}.")
    shared = entry["shared_counts"]
    if shared:
        counts = _counts(shared)
        lines.append(
            f"Validation and test text share {counts}, kept in both: choosing a model on one favours the other."
        )
    return lines


def dropped_share(entry: Mapping[str, Any]) -> float:
    """Returns the fraction of the documents or of the text that was dropped, whichever is larger."""
    documents = entry["dropped_documents"] / max(entry["documents"], 1)
    return float(max(documents, entry["dropped_units"] / max(entry["units"], 1)))


def how_to_keep(entry: Mapping[str, Any]) -> str:
    """Returns the settings with which what was dropped is kept."""
    return settings_that_keep(entry["counts"])


def what_was_dropped(entry: Mapping[str, Any]) -> str:
    """Returns what was dropped, such as `58 near documents (96.7% of the documents, 95.1% of the text)`."""
    documents, units = (entry[f"dropped_{name}"] / max(entry[name], 1) for name in ("documents", "units"))
    of_documents = f"{documents:.1%} of the documents, " if documents else ""
    return f"{_counts(entry['counts'])} ({of_documents}{units:.1%} of the text)"


def _counts(counts: Mapping[str, int]) -> str:
    named = [f"{number:,} {kind if number != 1 else kind.removesuffix('s')}" for kind, number in counts.items()]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)

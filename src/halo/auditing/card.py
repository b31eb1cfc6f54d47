"""The audit in the model card, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from halo.auditing.canaries.exposure import EXPOSURE_HEADER
from halo.auditing.figures import (
    EXTRACTION_HEADER,
    MEMBERSHIP_HEADER,
    NOVELTY_HEADER,
    SPANS_HEADER,
    attack_rows,
    canary_rows,
    describe_tokens,
    extraction_rows,
    novelty_rows,
    personal_data_line,
    skipped_lines,
    span_rows,
)


def card_lines(audit: Mapping[str, Any]) -> str:
    """Returns what a model card says about an audit: the verdict and the tables, without copied text.

    Args:
        audit: The figures, as in audit.json.
    """
    verdict = audit["verdict"]
    texts = audit["novelty"]["temperature_1"]["texts"]
    parts = [
        f"**{verdict['question']}** {verdict['answer']}.",
        _points(verdict["reasons"]),
        f"Share of n-grams that stands in the training text (n in {describe_tokens(audit)}; {texts} texts each):",
        _table(NOVELTY_HEADER, novelty_rows(audit)),
    ]
    if spans := [row for row, _ in span_rows(audit)]:
        parts += ["Longest spans that stand in the training text:", _table(SPANS_HEADER, spans)]
    if rows := extraction_rows(audit):
        suffix = audit["extraction"]["suffix_tokens"]
        parts += [f"Passages continued word for word for {suffix} tokens:", _table(EXTRACTION_HEADER, rows)]
    if rows := attack_rows(audit):
        parts += ["Membership inference:", _table(MEMBERSHIP_HEADER, rows)]
    if rows := canary_rows(audit):
        parts += ["Exposure of secrets that were inserted into the training text:", _table(EXPOSURE_HEADER, rows)]
    parts += [" ".join([personal_data_line(audit), *skipped_lines(audit)])]
    parts += ["What this audit cannot show:", _points(verdict["limits"])]
    return "\n\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a Markdown table, all columns but the first aligned to the right."""
    lines = [header, ["---", *(["---:"] * (len(header) - 1))], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _points(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)

"""The audit in the terminal."""

from collections.abc import Mapping
from typing import Any

from halo.auditing.canaries.exposure import EXPOSURE_HEADER, exposure_rows
from halo.auditing.figures import (
    EXTRACTION_HEADER,
    MEMBERSHIP_HEADER,
    NOVELTY_HEADER,
    SPANS_HEADER,
    attack_rows,
    describe_tokens,
    extraction_rows,
    novelty_rows,
    personal_data_line,
    skipped_lines,
    span_rows,
)
from halo.reports.console import table, wrapped
from halo.runtime.errors import printable

MAX_TEXT = 300
"""Characters of a copied span that are shown."""


def audit_report(audit: Mapping[str, Any]) -> str:
    """Returns the tables of an audit and its verdict.

    Args:
        audit: The figures, as in audit.json.
    """
    texts = audit["novelty"]["temperature_1"]["texts"]
    title = (
        f"Copied n-grams: share that stands in the training text (n in {describe_tokens(audit)}; {texts} texts each)"
    )
    parts = [table(title, NOVELTY_HEADER, novelty_rows(audit))]
    spans = list(span_rows(audit))
    if spans:
        parts.append(table("Longest spans that stand in the training text", SPANS_HEADER, [row for row, _ in spans]))
        parts += [wrapped(f"  {row[0]}: {_shown(text)}") for row, text in spans if text is not None]
    if rows := extraction_rows(audit):
        suffix = audit["extraction"]["suffix_tokens"]
        parts.append(table(f"Passages continued word for word, {suffix} tokens", EXTRACTION_HEADER, rows))
        parts += [wrapped(f"  extracted: {_shown(text)}") for text in audit["extraction"]["examples"]]
    if rows := attack_rows(audit):
        parts.append(table("Membership inference", MEMBERSHIP_HEADER, rows))
    if exposure := audit.get("exposure"):
        title = f"Canaries: exposure of `{exposure['form']}`, at most {exposure['secret_bits']:.1f} bits"
        parts.append(table(title, EXPOSURE_HEADER, exposure_rows(exposure)))
    parts += [wrapped(line) for line in (personal_data_line(audit), *skipped_lines(audit))]
    return "\n".join([*parts, "", *verdict_lines(audit)])


def verdict_lines(audit: Mapping[str, Any]) -> list[str]:
    """Returns question, answer, reasons and limits of the verdict, wrapped."""
    verdict = audit["verdict"]
    points = [f"  - {each}" for each in verdict["reasons"]]
    limits = [f"  - {each}" for each in verdict["limits"]]
    lines = [f"{verdict['question']} {verdict['answer']}.", *points, "What this audit cannot show:", *limits]
    return [wrapped(each) for each in lines]


def short_verdict(audit: Mapping[str, Any]) -> list[str]:
    """Returns the answer and its first reason, for the report of a run."""
    verdict = audit["verdict"]
    lines = [
        f"{verdict['question']} {verdict['answer']}.",
        *(f"  {each} (audit.html)" for each in verdict["reasons"][:1]),
    ]
    return [wrapped(each) for each in lines]


def _shown(text: str) -> str:
    """Returns text in one line, shortened."""
    written = printable(" ".join(text.split()))
    return written if len(written) <= MAX_TEXT else f"{written[:MAX_TEXT]} ..."

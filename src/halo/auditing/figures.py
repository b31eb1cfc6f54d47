"""The figures of an audit as rows of text, for the terminal, the model card and the page."""

from collections.abc import Iterator, Mapping
from typing import Any

from halo.auditing.canaries.exposure import exposure_rows
from halo.auditing.membership import membership_rows
from halo.auditing.novelty import SIZES
from halo.reports.data_report.wording import TOKEN_NOUNS

Figures = Mapping[str, Any]

SHOWN_SIZES = (4, 6, 8, 10, 15, 25, 50)
"""Sizes of n-grams that tables show; audit.json and the curve have all."""

TEXTS = {"temperature_1": "temperature 1", "default": "default sampling", "held_out": "held-out text"}
"""What each kind of text is called."""

NOVELTY_HEADER = ("n", "temperature 1", "default", "held-out", "excess at temperature 1")
SPANS_HEADER = ("text", "tokens", "times", "documents", "where")
EXTRACTION_HEADER = ("given", "of training", "95% interval", "of held-out", "95% interval")
MEMBERSHIP_HEADER = ("attack", "AUC", "found at 1% false")


def describe_tokens(audit: Figures) -> str:
    """Returns what n counts, by the tokenizer of the model."""
    return f"tokens: {TOKEN_NOUNS.get(audit['tokens'], 'tokens')}"


def novelty_rows(audit: Figures) -> list[list[str]]:
    """Returns for some sizes which share of n-grams stands in the training text, and the excess over held-out text."""
    novelty, rows = audit["novelty"], []
    for size in SHOWN_SIZES:
        index = SIZES.index(size)
        shares = [percent(novelty[name]["curve"]["value"][index]) for name in TEXTS]
        excess = novelty["temperature_1"]["excess"]
        ends = [excess[end][index] for end in ("low", "high")]
        interval = "" if None in ends else f" ({signed(ends[0])[:-1]} to {signed(ends[1])[:-1]})"
        rows.append([str(size), *shares, f"{signed(excess['value'][index])}{interval}"])
    return rows


def span_rows(audit: Figures) -> Iterator[tuple[list[str], str | None]]:
    """Yields the longest copied span of each kind of text, and its words; None if the audit keeps no text."""
    for name, title in TEXTS.items():
        for span in audit["novelty"][name]["spans"][:1]:
            where = f"document {span['document'] + 1}, token {span['place'] + 1:,}"
            numbers = (span["tokens"], span["occurrences"], span["documents"])
            yield [title, *(f"{each:,}" for each in numbers), where], span.get("text")


def extraction_rows(audit: Figures) -> list[list[str]]:
    """Returns the extracted share by length of the prefix; none if it was not measured."""
    extraction = audit["extraction"]
    if "skipped" in extraction:
        return []
    rows = []
    for train, held_out in zip(extraction["train"], extraction["held_out"], strict=True):
        row = [str(train["prefix_tokens"])]
        for each in (train, held_out):
            low, high = each["interval"]
            row += [f"{each['extracted']} of {each['passages']}", f"{100 * low:.1f} to {100 * high:.1f}%"]
        rows.append(row)
    return rows


def attack_rows(audit: Figures) -> list[list[str]]:
    """Returns the attacks on membership and their controls; none if they were not measured."""
    return [] if "skipped" in audit["membership"] else membership_rows(audit["membership"])


def canary_rows(audit: Figures) -> list[list[str]]:
    """Returns the exposure of inserted secrets by how often they were inserted; none if there are none."""
    return exposure_rows(audit["exposure"]) if "exposure" in audit else []


def personal_data_line(audit: Figures) -> str:
    """Returns how much personal data the generated texts have, in a sentence."""
    found = audit["personal_data"]
    if not found["kinds"]:
        return f"Personal data in {found['texts']:,} generated texts: no pattern was found."
    kinds = ", ".join(f"{kind} {each['found']} ({each['in_training']})" for kind, each in found["kinds"].items())
    return f"Personal data in {found['texts']:,} generated texts (in brackets: stands in the training text): {kinds}."


def skipped_lines(audit: Figures) -> list[str]:
    """Returns what was not measured, and why."""
    titles = {"extraction": "Extraction", "membership": "Membership inference"}
    skipped = {title: audit[name]["skipped"] for name, title in titles.items() if "skipped" in audit[name]}
    return [f"{title} was not measured: {reason}." for title, reason in skipped.items()]


def percent(share: float | None) -> str:
    """Returns a share in percent with three digits, or a dash.

    >>> percent(0.069), percent(0.0002), percent(0.0), percent(None)
    ('6.90%', '0.02%', '0%', '–')
    """
    if share is None:
        return "–"
    return "0%" if share == 0 else f"{100 * share:.2f}%"


def signed(share: float | None) -> str:
    """Returns a difference of shares in percent, with its sign.

    >>> signed(0.0154), signed(-0.002), signed(0.0)
    ('+1.54%', '-0.20%', '0%')
    """
    if share is None:
        return "–"
    return "0%" if share == 0 else f"{100 * share:+.2f}%"

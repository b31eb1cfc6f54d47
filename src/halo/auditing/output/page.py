"""An audit -> audit.html: one file that needs no network, no script and no other file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from halo.auditing.canaries.exposure import EXPOSURE_HEADER
from halo.auditing.figures import (
    EXTRACTION_HEADER,
    MEMBERSHIP_HEADER,
    NOVELTY_HEADER,
    SPANS_HEADER,
    TEXTS,
    attack_rows,
    canary_rows,
    describe_tokens,
    extraction_rows,
    novelty_rows,
    percent,
    personal_data_line,
    skipped_lines,
    span_rows,
)
from halo.auditing.novelty import SIZES
from halo.reports.data_report.page import environment, style_sheet
from halo.reports.run_page.charts import Chart, linear_scale, log_scale
from halo.reports.run_page.page import FOLDER as RUN_PAGE

FILE_NAME = "audit.html"
FOLDER = Path(__file__).parent

CURVES = {"held_out": "validation", "temperature_1": "train", "default": "test"}
"""The class of each curve, which gives it its colour and dashes."""

MIN_DRAWN = 12
"""The horizontal axis goes at least to n-grams of this size."""


def render(audit: Mapping[str, Any], *, source: str) -> str:
    """Returns the page; the same audit always gives the same page.

    Args:
        audit: The figures, as in audit.json.
        source: The run folder or bundle of the model, as it is to be shown.
    """
    rules = [(each / "style.css").read_text(encoding="utf-8") for each in (RUN_PAGE, FOLDER)]
    membership = audit["membership"]
    return (
        environment(FOLDER / "templates")
        .get_template("audit.html.jinja")
        .render(
            source=source,
            verdict=audit["verdict"],
            is_private=audit["private"],
            tokens=describe_tokens(audit),
            texts=audit["novelty"]["temperature_1"]["texts"],
            drawing=draw_curves(audit),
            novelty=(NOVELTY_HEADER, novelty_rows(audit)),
            spans=(SPANS_HEADER, list(span_rows(audit))),
            extraction=(EXTRACTION_HEADER, extraction_rows(audit)),
            suffix=audit["extraction"].get("suffix_tokens"),
            examples=audit["extraction"].get("examples", []),
            membership=(MEMBERSHIP_HEADER, attack_rows(audit)),
            canaries=(EXPOSURE_HEADER, canary_rows(audit)),
            passages=membership.get("passages"),
            passage_tokens=membership.get("passage_tokens"),
            personal_data=personal_data_line(audit),
            skipped=skipped_lines(audit),
            style_sheet=style_sheet() + Markup("".join(rules)),
        )
    )


def draw_curves(audit: Mapping[str, Any]) -> Markup | None:
    """Returns the shares of copied n-grams by n, on a logarithmic axis; None if nothing is copied at all."""
    points = {
        name: [
            (size, 100 * share)
            for size, share in zip(SIZES, audit["novelty"][name]["curve"]["value"], strict=True)
            if share
        ]
        for name in CURVES
    }
    drawn = [point for each in points.values() for point in each]
    if not drawn:
        return None
    last = min(SIZES[-1], max(MIN_DRAWN, max(size for size, _ in drawn) + 1))
    lowest, highest = min(share for _, share in drawn), max(share for _, share in drawn)
    chart = Chart(
        linear_scale(SIZES[0], last),
        log_scale(min(lowest, 0.5 * highest), highest)._replace(unit="%"),
        xlabel="n, tokens in a row",
        ylabel="n-grams that stand in the training text",
    )
    for name, kind in CURVES.items():
        chart.curve(points[name], kind)
    chart.legend([(kind, TEXTS[name]) for name, kind in CURVES.items()])
    told = "; ".join(f"{TEXTS[name]}: {_told(points[name])}" for name in CURVES)
    return chart.svg("novelty", "Copied n-grams by their length", told)


def _told(points: list[tuple[int, float]]) -> str:
    if not points:
        return "none"
    (first, share), (last, least) = points[0], points[-1]
    return f"{percent(share / 100)} at n = {first}, {percent(least / 100)} at n = {last}, then none"

"""The tables of runs, best first, and of their groups over seeds."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from halo.comparing.comparison import ComparedRun, Comparison, RunGroup, SplitResult, Spread
from halo.comparing.page.charts.values import interval_text, is_number, setting_text
from halo.comparing.page.material import Context, Material
from halo.reports.console import number

REPORT = "report.html"
DIGITS = {"perplexity": 2, "bits_per_character": 4}


class Cell(NamedTuple):
    """A cell of a table.

    Attributes:
        text: What it shows.
        value: What its column is sorted by; empty where there is no figure.
        note: What stands below the text in small letters.
        is_figure: Whether it is a number, which stands on the right.
    """

    text: str
    value: str = ""
    note: str = ""
    is_figure: bool = True


def leaderboard_context(material: Material) -> Context:
    """Returns the table of all runs, those that have not finished last."""
    comparison = material.comparison
    has_sets = len(material.sets) > 1
    spreads = _spreads(comparison)
    headings = [*(["set"] if has_sets else []), *comparison.varied.values()]
    headings += [f"validation {_short(comparison)}", f"test {_short(comparison)}", f"train {_short(comparison)}"]
    headings += ["mean ± sd over seeds"] if spreads else []
    headings += ["parameters", "minutes", "tokens/s", "status"]
    rows, rank = [], 0
    for run in comparison.runs:
        rank = rank + 1 if run.figures is not None else 0
        rows.append(
            {
                "rank": str(rank) if rank and not has_sets else "",
                "name": run.name,
                "href": report_link(run, material.folder),
                "cells": _cells(run, comparison, spreads, has_sets=has_sets),
            }
        )
    return {
        "headings": headings,
        "rows": rows,
        "has_links": any(row["href"] for row in rows),
        "has_sets": has_sets,
        "measure": material.measure,
        "split": comparison.split,
        "groups": _groups(material) if spreads else None,
    }


def report_link(run: ComparedRun, folder: Path) -> str | None:
    """Returns the address of a run's report.html relative to the page; None if it has none."""
    file = Path(run.folder) / REPORT
    return quote(os.path.relpath(file, folder.resolve())) if file.is_file() else None


def _short(comparison: Comparison) -> str:
    return "perplexity" if comparison.measure == "perplexity" else "bits/character"


def _cells(run: ComparedRun, comparison: Comparison, spreads: dict[str, Spread], *, has_sets: bool) -> list[Cell]:
    cells = [_figure(None if run.comparable is None else run.comparable + 1, digits=0)] if has_sets else []
    for key in comparison.varied:
        value = run.settings.get(key)
        text = setting_text(value) if key in run.settings else ""
        cells.append(Cell(text, str(value) if is_number(value) else text, is_figure=is_number(value)))
    figures = run.figures
    digits = DIGITS[comparison.measure]
    for split in ("validation", "test", "train"):
        result = None if figures is None else figures.splits.get(split)
        note = "" if split == "train" else _note(result, comparison)
        cells.append(_figure(run.value(split, comparison.measure), digits=digits, note=note))
    if spreads:
        spread = spreads.get(run.group) if figures is not None else None
        cells.append(Cell("–") if spread is None else _spread(spread, digits))
    cells += [
        Cell("–") if figures is None else Cell(_millions(figures.num_parameters), str(figures.num_parameters)),
        _figure(None if figures is None else figures.minutes, digits=1),
        _figure(None if figures is None else figures.tokens_per_second, digits=0),
        Cell(run.status, run.status, is_figure=False),
    ]
    return cells


def _figure(value: float | None, *, digits: int, note: str = "") -> Cell:
    if value is None:
        return Cell("–")
    return Cell(f"{value:,.0f}" if digits == 0 else number(value, digits=digits), str(value), note)


def _millions(parameters: int) -> str:
    """Returns a number of parameters.

    >>> _millions(4_012_345), _millions(12_345)
    ('4.01 M', '12,345')
    """
    return f"{parameters / 1e6:,.2f} M" if parameters >= 100_000 else f"{parameters:,}"


def _note(result: SplitResult | None, comparison: Comparison) -> str:
    if result is None or comparison.measure != "perplexity" or result.perplexity_interval is None:
        return ""
    return interval_text(result.perplexity_interval)


def _spread(spread: Spread, digits: int) -> Cell:
    if spread.mean is None:
        return Cell("–")
    deviation = "" if spread.standard_deviation is None else f" ± {number(spread.standard_deviation, digits=digits)}"
    return Cell(f"{number(spread.mean, digits=digits)}{deviation}", str(spread.mean))


def _spreads(comparison: Comparison) -> dict[str, Spread]:
    """Returns the spread of the groups of several seeds, by their keys."""
    return {
        group.key: group.spread[comparison.split]
        for group in comparison.groups
        if len(group.runs) > 1 and comparison.split in group.spread
    }


def _groups(material: Material) -> Context:
    """Returns the table of the groups over seeds."""
    comparison = material.comparison
    splits = ("validation", "test")
    digits = DIGITS[comparison.measure]
    rows = [
        (
            material.group_label(group.key),
            [Cell(str(len(group.runs)), str(len(group.runs))), *_means(group, splits, digits)],
        )
        for group in comparison.groups
    ]
    return {
        "headings": ["seeds", *(f"{split}, mean ± sd" for split in splits), "minutes, mean"],
        "rows": rows,
    }


def _means(group: RunGroup, splits: Sequence[str], digits: int) -> list[Cell]:
    spreads = [_spread(group.spread[split], digits) if split in group.spread else Cell("–") for split in splits]
    return [*spreads, _figure(group.minutes, digits=1)]

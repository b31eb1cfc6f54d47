"""The sections of the page in its order."""

import math
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from halo.comparing.page.charts.curves import draw_curves
from halo.comparing.page.charts.differences import MAX_DRAWN, draw_differences
from halo.comparing.page.charts.figure import as_json, run_line
from halo.comparing.page.charts.history import draw_history, draw_pareto_front
from halo.comparing.page.charts.parallel_coordinates import AXIS_WIDTH, draw_parallel_coordinates
from halo.comparing.page.difference_table import difference_rows
from halo.comparing.page.explanations import explain_curves, explain_importance, explain_order
from halo.comparing.page.importance import MIN_RUNS, importance_of
from halo.comparing.page.leaderboard import DIGITS, leaderboard_context
from halo.comparing.page.material import Context, Material
from halo.reports.console import number
from halo.runtime.errors import InputError

MAX_SHOWN_AT_FIRST = 10
"""Curves that are drawn before the reader chooses others."""
MAX_AXES = 12


def verdict_context(material: Material) -> Context:
    """Returns which run is best and whether that is more than chance, and the most important figures."""
    comparison = material.comparison
    counts = Counter(run.status for run in comparison.runs)
    tiles = {}
    if len(material.sets) == 1 and material.value(comparison.runs[0]) is not None:
        digits = DIGITS[comparison.measure]
        best = comparison.runs[0]
        for split in dict.fromkeys([comparison.split, "test"]):
            tiles[f"{material.measure} of the best run, {split}"] = number(
                best.value(split, comparison.measure), digits=digits
            )
    tiles["runs"] = f"{len(comparison.runs):,}"
    tiles |= {status: f"{count:,}" for status, count in counts.items() if len(counts) > 1}
    return {
        "summary": comparison.summary,
        "obstacles": comparison.obstacles,
        "notes": comparison.notes,
        "tiles": tiles,
    }


def leaderboard(material: Material) -> Context:
    """Returns the table of all runs, and what it is ordered by."""
    return {**leaderboard_context(material), "order": explain_order(material)}


def differences_context(material: Material) -> Context:
    """Returns the differences from the best run, drawn and as a table."""
    comparison = material.comparison
    keys = [group.key for group in comparison.groups]
    labels = {key: material.group_label(key) for key in keys}
    figure = draw_differences(comparison, {key: material.group_name(key) for key in keys}, labels)
    if figure is None:
        return {"missing": "there are no two runs that can be compared"}
    rows = difference_rows(material)
    references = dict.fromkeys(each.reference for each in comparison.differences)
    return {
        "figure": as_json(figure),
        "height": figure.layout.height,
        "rows": rows,
        "references": [labels[key] for key in references],
        "num_hidden": max(len(comparison.differences) - MAX_DRAWN, 0),
        "has_documents": any(row["p"] != "–" for row in rows),
        "has_seeds": any(row["seeds"] != "–" for row in rows),
        "measure": material.measure,
    }


def curves_context(material: Material) -> Context:
    """Returns the curves, which of them are shown at first, and what each reached as a table."""
    curves = material.curves
    if not curves:
        return {"missing": "no run has a validation"}
    figure = draw_curves(curves, [material.label(curve.run) for curve in curves])
    entries = []
    for curve in curves:
        found = [point for point in curve.run.curve if point.validation is not None]
        best = min(found, key=lambda point: point.validation or math.inf)
        entries.append(
            {
                "rank": curve.rank,
                "label": material.label(curve.run),
                "is_shown": curve.rank < MAX_SHOWN_AT_FIRST,
                **run_line(curve.rank),
                "validations": f"{len(curve.run.curve):,}",
                "best": number(best.validation),
                "step": f"{best.step:,}",
                "tokens": "–" if best.tokens is None else f"{best.tokens:,}",
                "seconds": "–" if best.seconds is None else f"{best.seconds:,.1f}",
                "last": number(curve.run.curve[-1].validation),
                "train": number(curve.run.curve[-1].train),
            }
        )
    return {
        "figure": as_json(figure),
        "height": figure.layout.height,
        "entries": entries,
        "max_shown": MAX_SHOWN_AT_FIRST,
        "sentences": explain_curves(material),
    }


def settings_context(material: Material) -> Context:
    """Returns a line for each run of the largest set through its settings."""
    comparison = material.comparison
    if not comparison.varied:
        return {"missing": "the runs have the same settings"}
    chosen = material.largest_set()
    if len(chosen) < 2:
        return {"missing": "there are no two finished runs that can be compared"}
    is_log = {} if material.study is None else material.study.is_log
    shown = dict(list(comparison.varied.items())[:MAX_AXES])
    measure = f"{comparison.split} {material.measure}"
    figures = [material.value(run) or math.nan for run in chosen]
    figure = draw_parallel_coordinates(shown, chosen, figures, measure=measure, is_log=is_log)
    return {
        "figure": as_json(figure),
        "height": figure.layout.height,
        "width": AXIS_WIDTH * (len(shown) + 1),
        "measure": measure,
        "num_runs": len(chosen),
        "num_others": len(comparison.runs) - len(chosen),
        "num_hidden": len(comparison.varied) - len(shown),
    }


def importance_context(material: Material) -> Context:
    """Returns the importance of the settings for the largest set of comparable runs."""
    comparison = material.comparison
    chosen = material.largest_set()
    if not comparison.varied:
        return {"missing": "the runs have the same settings"}
    if len(chosen) < MIN_RUNS:
        return {"missing": f"it takes {MIN_RUNS} finished runs that can be compared, and there are {len(chosen)}"}
    keys = [key for key in comparison.varied if all(key in run.settings for run in chosen)]
    is_log = {} if material.study is None else material.study.is_log
    figures = [material.value(run) or math.inf for run in chosen]
    if not keys or len({*figures}) == 1:
        return {"missing": "all runs are equally good" if keys else "no setting that varies is one of all runs"}
    try:
        importance = importance_of([run.settings for run in chosen], figures, keys, is_log=is_log)
    except InputError as error:
        return {"missing": str(error)}
    if not any(importance.shares.values()):
        return {"missing": "the good runs have the same values as all runs, in every setting"}
    return {
        "rows": [
            {"key": key, "share": f"{share:.0%}", "value": f"{share:.6f}", "width": f"{100 * share:.1f}"}
            for key, share in importance.shares.items()
        ],
        "sentences": explain_importance(importance, comparison.varied),
        "good": f"{importance.good_share:.0%}",
        "num_runs": importance.runs,
        "num_others": len(comparison.varied) - len(keys),
    }


def history_context(material: Material) -> Context | None:
    """Returns the course of the study, and its Pareto front if it has several objectives; None without a study."""
    study = material.study
    if study is None:
        return None
    figure, pareto = draw_history(study), draw_pareto_front(study)
    if figure is None:
        return {"missing": "no trial has a perplexity yet"}
    return {
        "figure": as_json(figure),
        "height": figure.layout.height,
        "pareto": None if pareto is None else as_json(pareto),
        "has_times": any(trial.ended is not None for trial in study.trials),
        "objectives": study.objectives[:2],
        "study": study.name,
        "pareto_height": None if pareto is None else pareto.layout.height,
    }


def failures_context(material: Material) -> Context | None:
    """Returns the runs without figures, and why they have none; None if every run has figures."""
    rows = [(run.name, run.status, run.reason or "–") for run in material.comparison.runs if run.figures is None]
    return {"rows": rows} if rows else None


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: Its heading.
        context: Returns the variables of its template; None if the page is to have no such section.
    """

    title: str
    context: Callable[[Material], Context | None]


SECTIONS = {
    "verdict": Section("Verdict", verdict_context),
    "leaderboard": Section("Leaderboard", leaderboard),
    "differences": Section("Differences and chance", differences_context),
    "curves": Section("Learning curves", curves_context),
    "settings": Section("Settings and results", settings_context),
    "importance": Section("Importance of settings", importance_context),
    "history": Section("Course of the study", history_context),
    "failures": Section("Runs without figures", failures_context),
}
"""The sections by name; the template of each is `templates/NAME.html.jinja`."""

"""The course of a study: what each trial reached, and what trades off where a study has several objectives."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from halo.comparing.comparison import ComparedRun
from halo.comparing.page.charts.figure import INK, QUIET, RUN_COLOURS, axis, log_axis, new_figure, plain
from halo.comparing.study import Study, Trial
from halo.reports.axis_ticks import padded_range
from halo.reports.console import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MARKS = {
    "finished": ("circle", RUN_COLOURS[0], "finished"),
    "pruned": ("x-thin", RUN_COLOURS[6], "pruned: stopped early, best validation so far"),
    "failed": ("triangle-down", RUN_COLOURS[8], "failed, at the upper edge"),
    "unfinished": ("circle-open", QUIET, "not finished, best validation so far"),
}
"""The symbol, colour and name of each way in which a trial may have ended."""


def best_validation(run: ComparedRun) -> float | None:
    """Returns the lowest validation perplexity of a run: what was measured at the end, or else that of its curve."""
    measured = run.value("validation")
    if measured is not None:
        return measured
    return min((point.validation for point in run.curve if point.validation is not None), default=None)


def draw_history(study: Study) -> "Figure | None":
    """Returns the validation perplexity of each trial, by number or by the time at which it ended.

    None if no trial has a perplexity.
    """
    found = [value for trial in study.trials if (value := best_validation(trial.run)) is not None]
    if not found:
        return None
    top = padded_range(found)[1]
    start = min((trial.ended for trial in study.trials if trial.ended is not None), default=0.0)
    traces = [
        _marks(kind, [trial for trial in study.trials if _kind(trial) == kind], top=top, start=start) for kind in MARKS
    ]
    return new_figure(
        [_best_so_far(study.trials, start), *(trace for trace in traces if trace["y"])],
        height=420,
        margin={"l": 64, "r": 16, "t": 56, "b": 52},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": INK, "size": 12}},
        xaxis=axis("trial", separatethousands=True),
        yaxis=log_axis("validation perplexity (logarithmic axis)"),
        meta={
            "axes": {
                "trial": {"title": {"text": "trial"}},
                "time": {"title": {"text": "minutes since the first trial ended"}},
            }
        },
    )


def _kind(trial: Trial) -> str:
    status = trial.run.status
    return status if status in MARKS else "unfinished"


def _along(trials: Sequence[Trial], start: float) -> dict[str, list[Any]]:
    minutes = [None if trial.ended is None else (trial.ended - start) / 60 for trial in trials]
    return {"trial": [trial.number for trial in trials], "time": minutes}


def _marks(kind: str, trials: Sequence[Trial], *, top: float, start: float) -> dict[str, Any]:
    symbol, colour, name = MARKS[kind]
    along = _along(trials, start)
    values = [best_validation(trial.run) for trial in trials]
    texts = []
    for trial, value in zip(trials, values, strict=True):
        reason = [plain(trial.run.reason, limit=120)] if trial.run.reason else []
        reached = [] if value is None else [f"validation perplexity: {number(value)}"]
        texts.append("<br>".join([f"<b>trial {trial.number}</b>, {trial.run.status}", *reached, *reason]))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": along["trial"],
        "y": [top if value is None or kind == "failed" else value for value in values],
        "meta": {"x": along},
        "cliponaxis": False,
        "marker": {"symbol": symbol, "color": colour, "size": 9, "line": {"color": colour, "width": 2}},
        "text": texts,
        "hoverinfo": "text",
    }


def _best_so_far(trials: Sequence[Trial], start: float) -> dict[str, Any]:
    """Returns the lowest perplexity of the finished trials up to each one."""
    finished = [trial for trial in trials if trial.run.status == "finished" and best_validation(trial.run) is not None]
    lines: dict[str, tuple[list[Any], list[float]]] = {}
    for name in ("trial", "time"):
        timed = [each for each in finished if name == "trial" or each.ended is not None]
        ordered = sorted(timed, key=lambda trial: (trial.number if name == "trial" else trial.ended) or 0)
        lowest, best = [], math.inf
        for trial in ordered:
            best = min(best, best_validation(trial.run) or math.inf)
            lowest.append(best)
        lines[name] = (_along(ordered, start)[name], lowest)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "best so far",
        "x": lines["trial"][0],
        "y": lines["trial"][1],
        "line": {"shape": "hv", "color": INK, "width": 1.5},
        "meta": {"x": {name: x for name, (x, _) in lines.items()}, "y": {name: y for name, (_, y) in lines.items()}},
        "hoverinfo": "skip",
    }


def pareto_front(values: Sequence[tuple[float, float]]) -> list[int]:
    """Returns the indexes of the pairs than which no other is better in both, by the first objective.

    >>> pareto_front([(3, 1), (1, 3), (2, 2), (3, 3), (2, 2.5)])
    [1, 2, 0]
    """
    front, lowest = [], math.inf
    for index in sorted(range(len(values)), key=lambda index: values[index]):
        if values[index][1] < lowest:
            lowest = values[index][1]
            front.append(index)
    return front


def draw_pareto_front(study: Study) -> "Figure | None":
    """Returns the finished trials by the first two objectives of the study; None if there are not two of each."""
    trials = [trial for trial in study.trials if len(trial.values) >= 2 and all(map(math.isfinite, trial.values))]
    if len(study.objectives) < 2 or len(trials) < 2:
        return None
    pairs = [(trial.values[0], trial.values[1]) for trial in trials]
    front = pareto_front(pairs)
    names = [f"{plain(name)}, lower is better" for name in study.objectives[:2]]
    common = {"type": "scatter", "hoverinfo": "text"}
    others = [index for index in range(len(pairs)) if index not in front]
    return new_figure(
        [
            {
                **common,
                **_places(trials, pairs, others, study.objectives),
                "mode": "markers",
                "name": "other trials",
                "marker": {"color": QUIET, "size": 8, "symbol": "circle-open"},
            },
            {
                **common,
                **_places(trials, pairs, front, study.objectives),
                "mode": "lines+markers",
                "name": "Pareto front",
                "line": {"color": RUN_COLOURS[0], "width": 1.5, "dash": "dot"},
                "marker": {"color": RUN_COLOURS[0], "size": 10},
            },
        ],
        height=420,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": INK}},
        xaxis=axis(names[1]),
        yaxis=axis(names[0]),
        margin={"l": 64, "r": 16, "t": 48, "b": 52},
    )


def _places(
    trials: Sequence[Trial], pairs: Sequence[tuple[float, float]], chosen: Sequence[int], objectives: Sequence[str]
) -> dict[str, Any]:
    return {
        "x": [pairs[index][1] for index in chosen],
        "y": [pairs[index][0] for index in chosen],
        "text": [
            "<br>".join(
                [
                    f"<b>trial {trials[index].number}</b>",
                    *(f"{plain(name)}: {number(v)}" for name, v in zip(objectives, pairs[index], strict=False)),
                ]
            )
            for index in chosen
        ],
    }

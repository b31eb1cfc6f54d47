"""Forecasts -> forecast.html: one file that needs no network, no script and no other file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from halo.corpus.series.dates import shown_date
from halo.forecasting.forecast import MODEL, NAMES, SeriesForecast
from halo.forecasting.page.drawings import MAX_DRAWN, draw_fan, draw_pit
from halo.forecasting.terminal import (
    METHODS,
    NEXT_LEVELS,
    NO_ADVICE,
    PREDICTED,
    SCORES_HEADER,
    TESTS_HEADER,
    comparison_cells,
    next_rows,
    score_cells,
)
from halo.reports.data_report.page import environment, style_sheet
from halo.reports.run_page.page import FOLDER as RUN_PAGE

FILE_NAME = "forecast.html"
FOLDER = Path(__file__).parent


def render(forecasts: Sequence[SeriesForecast], *, split: str) -> str:
    """Returns the page; the same forecasts always give the same page.

    Args:
        forecasts: The forecasts of each series.
        split: The split that was forecast.
    """
    rules = [(each / "style.css").read_text(encoding="utf-8") for each in (RUN_PAGE, FOLDER)]
    template = environment(FOLDER / "templates").get_template("forecast.html.jinja")
    return template.render(
        sections=[_section(each, number, split) for number, each in enumerate(forecasts, start=1)],
        style_sheet=style_sheet() + Markup("".join(rules)),
        methods=METHODS,
        notice=NO_ADVICE,
        scores_header=["method", *SCORES_HEADER],
        tests_header=["against", *TESTS_HEADER],
        next_header=["", *(f"{100 * level:g}%" for level in NEXT_LEVELS)],
        max_drawn=MAX_DRAWN,
    )


def _section(forecast: SeriesForecast, number: int, split: str) -> dict[str, Any]:
    what = PREDICTED[forecast.history.bins.transform]
    best = max(
        (name for name in forecast.scores if name != MODEL), key=lambda name: forecast.scores[name].log_score_N.mean()
    )
    tiles = {
        "log score of this model (nats)": score_cells(forecast.scores[MODEL])[0],
        f"log score of {NAMES[best]}": score_cells(forecast.scores[best])[0],
        "values in its 95% intervals": f"{forecast.scores[MODEL].coverage('95'):.0%}",
        f"{split} dates": f"{forecast.num_dates:,}",
    }
    return {
        "id": f"series-{number}",
        "name": forecast.name,
        "what": what,
        "verdict": forecast.verdict,
        "tiles": tiles,
        "split": split,
        "dates": f"{shown_date(forecast.dates[0])} to {shown_date(forecast.dates[-1])}",
        "notes": forecast.notes,
        "fan": draw_fan(forecast, f"fan-{number}", what),
        "pit": draw_pit(forecast.scores[MODEL], f"pit-{number}", "Calibration of this model"),
        "best": NAMES[best],
        "pit_best": draw_pit(forecast.scores[best], f"pit-best-{number}", f"Calibration of {NAMES[best]}"),
        "scores": [[NAMES[name], *score_cells(each)] for name, each in forecast.scores.items()],
        "tests": [
            [NAMES[name], *comparison_cells(each, forecast.scores[name])] for name, each in forecast.tests.items()
        ],
        "next": next_rows(forecast),
        "last": shown_date(forecast.history.changes.dates[-1]),
    }

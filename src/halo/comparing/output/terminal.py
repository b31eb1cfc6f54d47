"""A comparison as text for the terminal, in 80 columns."""

from collections import Counter
from collections.abc import Sequence

from halo.comparing.comparison import MEASURES, Comparison, RunGroup, SplitDifference, Test
from halo.comparing.groups import rounded_text
from halo.comparing.significance import MIN_DOCUMENTS
from halo.comparing.wording import REPORTED
from halo.reports.console import number, table, table_width, wrapped

WIDTH = 80
MAX_ROWS = 40
MAX_CELL = 28

Rows = Sequence[Sequence[str]]


def comparison_text(comparison: Comparison) -> str:
    """Returns tables of the groups, their differences and the runs without figures, and what they mean in words."""
    parts = [leaderboard(comparison), differences_table(comparison), runs_table(comparison), unranked_table(comparison)]
    lines = [*comparison.summary, *comparison.obstacles, *_meaning(comparison), *comparison.notes]
    return "\n\n".join([*filter(None, parts), "\n".join(map(wrapped, lines))])


def leaderboard(comparison: Comparison) -> str:
    """Returns the table of the groups, best first; empty if there are none."""
    groups = comparison.groups[:MAX_ROWS]
    if not groups:
        return ""
    has_seeds = any(len(group.runs) > 1 for group in groups)
    right = [*["seeds"] * has_seeds, "validation", "test", "minutes"]
    ranked = [
        [
            [rank],
            [
                *[str(len(group.runs))] * has_seeds,
                *(figure_text(comparison, group, split) for split in ("validation", "test")),
                number(group.minutes, digits=1),
            ],
        ]
        for rank, group in zip(ranks(comparison.groups), groups, strict=False)
    ]
    title = f"Ranked by {comparison.split} {MEASURES[comparison.measure]}"
    if len(groups) < len(comparison.groups):
        title += f"; the first {len(groups)} of {len(comparison.groups)}, output=FILE.csv has all"
    header, rows, num_text = _fitting(comparison, groups, right, ranked)
    return table(title, header, rows, text_columns=range(num_text), width=WIDTH)


def _fitting(
    comparison: Comparison, groups: Sequence[RunGroup], right: list[str], ranked: Sequence[Rows]
) -> tuple[list[str], list[list[str]], int]:
    """Returns header and rows with the settings in columns of their own, or in one where these do not fit."""
    keys = [key for key in comparison.varied if len({str(group.settings.get(key)) for group in groups}) > 1]
    names = [comparison.varied[key] for key in keys]
    apart = [[_cell(group.settings.get(key)) if key in group.settings else "-" for key in keys] for group in groups]
    together = [
        [
            "\n".join(
                f"{name}={_cell(group.settings[key])}"
                for key, name in zip(keys, names, strict=True)
                if key in group.settings
            )
            or group.label
        ]
        for group in groups
    ]
    labels = [[group.label] for group in groups]
    choices = [(names, apart), (["settings"], together)] if keys else [(["run"], labels)]
    for middle, cells in choices:
        header = ["", *middle, *right]
        rows = [[*ends[0], *cell, *ends[1]] for ends, cell in zip(ranked, cells, strict=True)]
        if table_width(header, rows) <= WIDTH:
            break
    return header, rows, 1 + len(middle)


def _cell(value: object) -> str:
    text = rounded_text(value)
    return text if len(text) <= MAX_CELL else f"…{text[-MAX_CELL + 1 :]}"  # the end tells paths apart


def ranks(groups: Sequence[RunGroup]) -> list[str]:
    """Returns the rank of each group; where there are several sets, the number of its set comes before it: `2.1`."""
    seen: Counter[int] = Counter()
    found = []
    for group in groups:
        seen[group.comparable] += 1
        found.append((group.comparable + 1, seen[group.comparable]))
    return [f"{number}.{rank}" if len(seen) > 1 else str(rank) for number, rank in found]


def figure_text(comparison: Comparison, group: RunGroup, split: str) -> str:
    """Returns the figure of a group: with its spread over seeds, or of a single run with its interval."""
    spread, digits = group.spread[split], 2 if comparison.measure == "perplexity" else 3
    shown = number(spread.mean, digits=digits)
    if spread.standard_deviation is not None:
        return f"{shown} ± {number(spread.standard_deviation, digits=digits)}"
    figures = comparison.runs[group.runs[0]].figures
    interval = None if figures is None else figures.splits[split].perplexity_interval
    if comparison.measure != "perplexity" or interval is None:
        return shown
    return f"{shown} [{number(interval[0], digits=1)}, {number(interval[1], digits=1)}]"


def differences_table(comparison: Comparison) -> str:
    """Returns the table of the differences from the reference on test text; empty if there are none."""
    rank_of = {group.key: rank for group, rank in zip(comparison.groups, ranks(comparison.groups), strict=True)}
    shown = [each for each in comparison.differences if REPORTED in each.splits][:MAX_ROWS]
    has_seeds = any(each.splits[REPORTED].over_seeds for each in shown)
    references = list(dict.fromkeys(rank_of[each.reference] for each in shown))
    header = ["", "from", "change", "95% interval", "p", "Holm", *["p (seeds)", "Holm"] * has_seeds]
    rows = [
        [
            rank_of[each.group],
            rank_of[each.reference],
            change_text(each.splits[REPORTED].change, comparison),
            interval_text(each.splits[REPORTED], comparison),
            *_p_cells(each.splits[REPORTED].over_documents),
            *(_p_cells(each.splits[REPORTED].over_seeds) if has_seeds else []),
        ]
        for each in shown
    ]
    if not rows:
        return ""
    title = f"Differences in {MEASURES[comparison.measure]} from {' and '.join(references)} on {REPORTED} text"
    title += "; below 0 is better"
    if len(references) == 1:  # the title says it
        header, *rows = ([first, *others] for first, _, *others in (header, *rows))
    return table(title, header, rows, text_columns=(0,), width=WIDTH)


def change_text(change: float, comparison: Comparison) -> str:
    """Returns a difference with its sign: in percent of the perplexity, or in bits per character."""
    return f"{change:+.1%}" if comparison.measure == "perplexity" else f"{change:+.3f}"


def interval_text(found: SplitDifference, comparison: Comparison) -> str:
    """Returns the interval of a difference over documents; a dash if there is none."""
    test = found.over_documents
    if test is None or test.low is None or test.high is None:
        return "-"
    return f"{change_text(test.low, comparison)} to {change_text(test.high, comparison)}"


def _p_cells(test: Test | None) -> list[str]:
    return ["-", "-"] if test is None else [p_text(test.p_value), p_text(test.corrected_p_value)]


def p_text(value: float) -> str:
    """Returns a p-value as a cell of a table."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def runs_table(comparison: Comparison) -> str:
    """Returns the table of the single runs with parameters and verdict; empty if nothing has finished."""
    finished = [run for run in comparison.runs if run.status == "finished"]
    if not finished or len(finished) > MAX_ROWS:
        return ""
    rows = []
    for run in finished:
        assert run.figures is not None
        figures = run.figures
        seed = "-" if run.seed is None else str(run.seed)
        verdict = figures.verdict.partition(":")[0].replace("neither underfitting nor overfitting", "fits")
        rows.append([run.name, seed, f"{figures.num_parameters:,}", number(run.value("train")), verdict])
    return table(
        "Runs, in the same order",
        ["run", "seed", "parameters", "train", "verdict"],
        rows,
        text_columns=(0, 4),
        width=WIDTH,
    )


def unranked_table(comparison: Comparison) -> str:
    """Returns the table of the runs without figures; empty if there are none."""
    others = [run for run in comparison.runs if run.status != "finished"]
    rows = [[run.name, run.status, run.reason] for run in others[:MAX_ROWS]]
    title = "Not ranked" + (f"; the first {MAX_ROWS} of {len(others)}" if len(others) > MAX_ROWS else "")
    return table(title, ["run", "status", "why"], rows, text_columns=(0, 1, 2), width=WIDTH) if rows else ""


def _meaning(comparison: Comparison) -> list[str]:
    """Returns how the figures are to be read."""
    if comparison.split == "test":
        lines = ["Ordered by test text: the best of many looks better there than it is; choose settings on validation."]
    else:
        lines = ["Settings are chosen on validation, which orders the runs; test text has chosen nothing."]
    tests = [each.splits[REPORTED].over_documents for each in comparison.differences if REPORTED in each.splits]
    counts = [test.observations for test in tests if test is not None]
    if counts:
        lines.append(
            f"p: paired bootstrap over {min(counts)} documents, Holm: corrected by Holm's method for {len(counts)} "
            f"comparison{'s' * (len(counts) > 1)}; it says nothing about other seeds."
        )
        if min(counts) < MIN_DOCUMENTS:
            lines.append(f"With fewer than {MIN_DOCUMENTS} documents, intervals are rough.")
    if any(REPORTED in each.splits and each.splits[REPORTED].over_seeds for each in comparison.differences):
        lines.append("p (seeds): Welch's test over the runs of each group, corrected likewise.")
    return lines

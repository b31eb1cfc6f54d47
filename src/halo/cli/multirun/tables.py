"""The tables of a multirun: for the terminal within 80 columns, and sweep.csv with all settings and figures."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from halo.cli.multirun.jobs import FAILED, FINISHED, SEED, VALIDATION, Job
from halo.cli.multirun.seed_groups import SeedGroup, Spread, group_by_seed, repeats_seeds
from halo.config.introspection.short_names import short_names

WIDTH = 80
SHOWN = {VALIDATION: "validation", "test_perplexity": "test", "minutes": "minutes", "suggested_lr": "suggested lr"}
"""The figures of the printed tables, with their headings."""


def multirun_tables(folder: Path, jobs: Sequence[Job], varied: Sequence[str]) -> str:
    """Returns the tables to print: of the settings, with their spread over seeds; of the jobs; and why jobs failed.

    Args:
        folder: The folder of the multirun.
        jobs: Its jobs, in the order of the table.
        varied: The keys of the settings that it varies.
    """
    from halo.reports.console import relative_to_cwd, wrapped

    names = [name for name in SHOWN if any(name in job.figures for job in jobs)]
    place = f"{relative_to_cwd(folder)} (sweep.csv in it has all settings and figures)"
    order = "\nPerplexities, lowest validation first" * (VALIDATION in names)
    parts = []
    if repeats_seeds(jobs):
        title = f"Multirun {place}\nMean ± standard deviation over the seeds{order}"
        parts += [_table_of_groups(title, group_by_seed(jobs), names, varied)]
        parts += [_table_of_jobs(f"Its jobs{order}", jobs, names, varied)]
    else:
        parts += [_table_of_jobs(f"Multirun {place}{order}", jobs, names, varied)]
    parts += [wrapped(line) for line in [*_repeated(jobs), *_reasons(jobs)]]
    return "\n".join(parts)


def _table_of_jobs(title: str, jobs: Sequence[Job], names: Sequence[str], varied: Sequence[str]) -> str:
    has_status = any(job.status != FINISHED for job in jobs)
    figures = [[*(_text(name, job.figures.get(name)) for name in names), *[job.status] * has_status] for job in jobs]
    headings = [*(SHOWN[name] for name in names), *["status"] * has_status]
    return _table(
        title,
        numbers=("job", [str(job.number) for job in jobs]),
        settings=[job.settings for job in jobs],
        varied=varied,
        figures=(headings, figures),
        texts={"status"},
    )


def _table_of_groups(title: str, groups: Sequence[SeedGroup], names: Sequence[str], varied: Sequence[str]) -> str:
    figures = [[_num_finished(group), *(_spread_text(name, group.spread(name)) for name in names)] for group in groups]
    return _table(
        title,
        numbers=("jobs", [_numbers([job.number for job in group.jobs]) for group in groups]),
        settings=[group.settings for group in groups],
        varied=[key for key in varied if key != SEED],
        figures=(["n", *(SHOWN[name] for name in names)], figures),
    )


def _table(
    title: str,
    *,
    numbers: tuple[str, Sequence[str]],
    settings: Sequence[Mapping[str, str]],
    varied: Sequence[str],
    figures: tuple[Sequence[str], Sequence[Sequence[str]]],
    texts: Collection[str] = (),
) -> str:
    """Returns a table; the settings share a column where they do not fit side by side.

    Args:
        title: What stands above it.
        numbers: The first column, its heading and its cells.
        settings: The settings of each row.
        varied: The keys of those to show.
        figures: The other columns, their headings and the cells of each row.
        texts: The headings of those with text.
    """
    from halo.reports.console import table, table_width

    shown = [key for key in varied if any(key in each for each in settings)]
    short = short_names(shown)
    apart = [[each.get(key, "") for key in shown] for each in settings]
    together = [["\n".join(f"{short[key]}={each[key]}" for key in shown if key in each)] for each in settings]
    for names, cells in ((shown, apart), (list(short.values()), apart), (["settings"] * bool(shown), together)):
        header = [numbers[0], *names, *figures[0]]
        rows = [
            [number, *(left if names else []), *right]
            for number, left, right in zip(numbers[1], cells, figures[1], strict=True)
        ]
        if table_width(header, rows) <= WIDTH:
            break
    columns = [*range(len(names) + 1), *(at for at, name in enumerate(header) if at > len(names) and name in texts)]
    return table(title, header, rows, text_columns=columns, width=WIDTH)


def _repeated(jobs: Sequence[Job]) -> list[str]:
    """Returns a line for each job that has the settings of an earlier one, the seed included."""
    first: dict[tuple[tuple[str, str], ...], int] = {}
    lines = []
    for job in sorted(jobs, key=lambda job: job.number):
        earlier = first.setdefault(tuple(sorted(job.settings.items())), job.number)
        if earlier != job.number:
            lines.append(
                f"Job {job.number} has the settings of job {earlier}: the same run again, counted once in a mean"
            )
    return lines


def _reasons(jobs: Sequence[Job]) -> list[str]:
    """Returns a line for each reason for which jobs failed."""
    numbers: dict[str, list[int]] = {}
    for job in sorted(jobs, key=lambda job: job.number):
        if job.status == FAILED:
            numbers.setdefault(job.reason, []).append(job.number)
    return [f"Job{'s' * (len(each) > 1)} {_numbers(each)} failed: {reason}" for reason, each in numbers.items()]


def _numbers(numbers: Sequence[int]) -> str:
    """Returns ascending numbers in few characters.

    >>> _numbers([0, 1, 2, 5, 7, 8])
    '0-2, 5, 7-8'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _num_finished(group: SeedGroup) -> str:
    failed = len(group.jobs) - sum(job.status == FINISHED for job in group.jobs)
    return f"{len(group.finished)}" if not failed else f"{len(group.finished)} of {len(group.finished) + failed}"


def _text(name: str, figure: float | None) -> str:
    """Returns a figure as the table shows it.

    >>> _text("minutes", 12345.67), _text("test_perplexity", 78.123), _text("suggested_lr", 0.0012345)
    ('12345.7', '78.12', '0.001234')
    """
    from halo.reports.console import number

    if figure is None:
        return ""
    return f"{figure:.4g}" if name == "suggested_lr" else number(figure, digits=1 if name == "minutes" else 2)


def _spread_text(name: str, spread: Spread | None) -> str:
    """Returns a mean with its standard deviation as the table shows it; of the minutes only the mean.

    >>> _spread_text("test_perplexity", Spread(78.123, 1.06)), _spread_text("minutes", Spread(2.54, 0.1))
    ('78.12 ± 1.06', '2.5')
    """
    if spread is None:
        return ""
    mean = _text(name, spread.mean)
    return mean if spread.deviation is None or name == "minutes" else f"{mean} ± {_text(name, spread.deviation)}"


def csv_text(jobs: Sequence[Job]) -> str:
    """Returns the jobs as CSV, a row each; jobs that differ only in their seed have the same `group`.

    Args:
        jobs: In the order of the rows.
    """
    groups = {job.number: group.jobs[0].number for group in group_by_seed(jobs) for job in group.jobs}
    records = [
        {
            **{"job": job.number, "group": groups[job.number], "status": job.status},
            **{"reason": job.reason, "folder": job.folder},
            **job.settings,
            **job.figures,
        }
        for job in jobs
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for record in records for key in record)))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()

"""The results of a sweep: a table, which settings won and whether that is more than chance, and files of them."""

import csv
import io
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halo.comparing.compare import compare_runs
from halo.comparing.groups import short_setting_names
from halo.comparing.page.page import write_page
from halo.reports.console import number, relative_to_cwd, table, wrapped
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, reason
from halo.sweeping.results.progress import LABELS, short_value
from halo.sweeping.sweep_folder import trial_name
from halo.sweeping.trials import ATTEMPTS, REASON, Trials

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

WIDTH = 80
TABLE_FILE, PAGE_FILE = "sweep.csv", "comparison.html"
FIGURES = ("validation_perplexity", "test_perplexity", "train_perplexity", "num_parameters", "minutes")
"""The figures of each run in sweep.csv."""

STATES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting"}
MIN_FOR_IMPORTANCE = 10
"""Finished trials from which the importance of parameters is worth a line."""

log = logging.getLogger(__name__)


def summarise(trials: Trials, objectives: Sequence[str], repeat: Callable[[Mapping[str, Any]], str]) -> None:
    """Prints and writes the results of a study.

    Args:
        trials: The trials.
        objectives: What the sweep minimises.
        repeat: Returns the command that trains with the values of a trial.
    """
    ordered = sorted(trials.all(), key=_order)
    atomic_write(trials.folder.path / TABLE_FILE, _csv(ordered, trials.folder.path, objectives))
    log.info("\n%s", results_table(ordered, trials.folder.path, objectives))
    best = _best(trials.study)
    if not best:
        log.warning("No trial was finished; the console.log in the folder of each says why")
        return
    _log_comparison(trials.folder.path, ordered)
    if (line := _importance(trials.study, objectives)) is not None:
        log.info("%s", wrapped(line))
    for trial in best[:3]:
        log.info("Trial %d again, as a run of its own:\n  %s", trial.number, repeat(trial.params))


def results_table(trials: Sequence["FrozenTrial"], folder: Path, objectives: Sequence[str]) -> str:
    """Returns the table of the trials, in 80 columns; the settings share a column where they do not fit side by side.

    Args:
        trials: The trials in the order of the rows.
        folder: The sweep's folder.
        objectives: What the sweep minimises.
    """
    keys = sorted({key for trial in trials for key in trial.params})
    short = short_setting_names(keys)
    figures = [[*_values(trial, objectives), STATES[trial.state.name], _minutes(trial)] for trial in trials]
    headings = [*(LABELS.get(name, name) for name in objectives), "status", "minutes"]
    values = [{short[key]: short_value(value) for key, value in trial.params.items()} for trial in trials]
    apart = [[each.get(short[key], "") for key in keys] for each in values]
    together = [["\n".join(f"{key}={value}" for key, value in each.items())] for each in values]
    for names, cells in (([short[key] for key in keys], apart), (["settings"], together)):
        header = ["trial", *names, *headings]
        rows = [[str(trial.number), *left, *right] for trial, left, right in zip(trials, cells, figures, strict=True)]
        if _width(header, rows) <= WIDTH:
            break
    title = f"Sweep {relative_to_cwd(folder)} ({TABLE_FILE} in it has all settings and figures)"
    return table(title, header, rows, text_columns=[*range(len(names) + 1), len(header) - 2])


def _order(trial: "FrozenTrial") -> tuple[int, float, int]:
    """Returns what the rows are sorted by: finished trials first, by their first objective."""
    state = [*STATES].index(trial.state.name)
    return (state, trial.values[0] if trial.state.name == "COMPLETE" else 0.0, trial.number)


def _values(trial: "FrozenTrial", objectives: Sequence[str]) -> list[str]:
    """Returns the objectives of a trial; of a pruned one that of its last validation, in brackets."""
    if trial.state.name == "COMPLETE":
        return [
            number(each, digits=0 if name == "num_parameters" else 2)
            for name, each in zip(objectives, trial.values, strict=True)
        ]
    last = trial.intermediate_values.get(trial.last_step or 0)
    return [f"({number(last)})" if last is not None and len(objectives) == 1 else "", *[""] * (len(objectives) - 1)]


def _minutes(trial: "FrozenTrial") -> str:
    """Returns how long the processes of a trial ran, together."""
    attempts = trial.user_attrs.get(ATTEMPTS, [])
    seconds = sum(each["ended"] - each["started"] for each in attempts if each["ended"] is not None)
    return number(seconds / 60, digits=1)


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Returns the width of a table in which no cell is wrapped."""
    columns = zip(header, *rows, strict=True)
    return 1 + sum(3 + max(len(line) for cell in column for line in cell.splitlines() or [""]) for column in columns)


def _best(study: "Study") -> list["FrozenTrial"]:
    """Returns the best trial, or with several objectives those that none beats in all of them."""
    try:
        return study.best_trials if len(study.directions) > 1 else [study.best_trial]
    except ValueError:  # there is none
        return []


def _log_comparison(folder: Path, trials: Sequence["FrozenTrial"]) -> None:
    """Logs which trial is best by validation and whether that is more than chance, and writes the page about them."""
    finished = [folder / trial_name(each.number) for each in trials if each.state.name == "COMPLETE"]
    if not any(each.is_dir() for each in finished):
        return
    try:
        comparison = compare_runs([str(folder)])
    except InputError as error:
        log.warning("The trials cannot be compared: %s", reason(error))
        return
    for line in [*comparison.summary, *comparison.obstacles]:
        log.info("%s", wrapped(line))
    try:
        write_page(comparison, folder / PAGE_FILE)
    except InputError as error:
        log.warning("%s", wrapped(f"{PAGE_FILE} is not written: {error}"))
    else:
        log.info("Curves, parameters and their importance: %s", relative_to_cwd(folder / PAGE_FILE))


def _importance(study: "Study", objectives: Sequence[str]) -> str | None:
    """Returns how much each parameter matters for the first objective; None where there are too few trials."""
    import optuna

    complete = [each for each in study.get_trials(deepcopy=False) if each.state.name == "COMPLETE"]
    if len(complete) < MIN_FOR_IMPORTANCE or len(complete[0].params) < 2:
        return None
    target = None if len(objectives) == 1 else (lambda trial: trial.values[0])
    try:
        shares = optuna.importance.get_param_importances(study, target=target)
    except (ValueError, RuntimeError):  # all values are the same
        return None
    short = short_setting_names([*shares])
    parts = ", ".join(f"{short[key]} {share:.0%}" for key, share in shares.items())
    return f"Importance for {LABELS.get(objectives[0], objectives[0])}: {parts} (of {len(complete)} trials)"


def _csv(trials: Sequence["FrozenTrial"], folder: Path, objectives: Sequence[str]) -> str:
    records = []
    for trial in trials:
        values = dict(zip(objectives, trial.values or [], strict=False)) if trial.state.name == "COMPLETE" else {}
        records.append(
            {
                "trial": trial.number,
                "status": STATES[trial.state.name],
                "run_dir": trial_name(trial.number),
                **trial.params,
                **values,
                **_figures(folder / trial_name(trial.number) / "metrics.json"),
                "attempts": len(trial.user_attrs.get(ATTEMPTS, [])),
                "reason": trial.user_attrs.get(REASON, ""),
            }
        )
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(key for record in records for key in record)))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _figures(file: Path) -> dict[str, Any]:
    try:
        metrics = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: metrics.get(name) for name in FIGURES}

"""Reads what a run, or the bundle of one, has left: its settings, status, figures and curve; never its model."""

import csv
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halo.bundle.validation import find_file, read_metrics, read_settings
from halo.comparing.comparison import ComparedRun, CurvePoint, RunFigures, SplitResult, Status
from halo.comparing.run_folders import NUMBERED, SETTINGS, is_bundle
from halo.config.introspection.changed_settings import flat
from halo.reports.run_page.run_metrics import RunMetrics
from halo.runtime.errors import InputError, printable
from halo.runtime.run_lock import LOCK_FILE, require_unlocked

MAX_TRIAL_BYTES = 2**20
MAX_CURVE_BYTES = 2**26
MAX_POINTS = 10_000
MAX_TEXT = 300

TRIAL_RECORD = "trial.json"
"""What halo.sweep records in the folder of a trial that has ended."""

IRRELEVANT = re.compile(
    r"run_dir|resume|seeds|find_lr|format|data\.(cache_dir|name)|logger(\..*)?|samples(\..*)?"
    r"|callbacks\.progress_bar(\..*)?|callbacks\..*(dirpath|_target_|filename)"
    r"|trainer\.(enable_.*|log_every_n_steps|default_root_dir|logger|profiler)"
)
"""Settings that cannot change the figures of a run."""


def read_run(folder: Path, name: str) -> ComparedRun:
    """Returns what a folder has of a run; what is damaged or missing is said in its `reason`.

    Args:
        folder: A run folder, a bundle, or the folder of a job that ended before it had written anything.
        name: What to call it.
    """
    if not (folder / SETTINGS).exists() and not is_bundle(folder):
        return ComparedRun(
            str(folder.absolute()), name, "failed", reason="it ended before its first step", trial=_trial(folder)
        )
    try:
        tree = read_settings(folder)
    except InputError as error:
        return ComparedRun(str(folder.absolute()), name, "failed", reason=_short(str(error)), trial=_trial(folder))
    settings = {key: value for key, value in flat(tree).items() if not IRRELEVANT.fullmatch(key)}
    seed = settings.pop("seed", None)
    figures, status, reason = _outcome(folder)
    return ComparedRun(
        folder=str(folder.absolute()),
        name=name,
        status=status,
        reason=reason,
        is_bundle=is_bundle(folder),
        trial=_trial(folder),
        seed=seed if isinstance(seed, int) else None,
        settings=settings,
        figures=None if figures is None else _figures(figures),
        curve=_logged_curve(folder) if figures is None else _curve(figures),
    )


def _trial(folder: Path) -> int | None:
    """Returns the number of a trial or job; that of its job for one of several seeds."""
    numbered = folder.parent if folder.name.startswith("seed_") else folder
    return int(numbered.name) if NUMBERED.fullmatch(numbered.name) and numbered.name.isdecimal() else None


def _outcome(folder: Path) -> tuple[RunMetrics | None, Status, str]:
    """Returns the figures of a run, how it ended, and why it has no figures."""
    try:
        content = read_metrics(folder)
        if content:
            return RunMetrics.read(content, place=str(folder / "metrics.json")), "finished", ""
    except InputError as error:
        return None, "failed", _short(str(error))
    if is_bundle(folder):
        return None, "failed", "the bundle has no metrics.json"
    return None, *_why_unfinished(folder)


def _why_unfinished(folder: Path) -> tuple[Status, str]:
    """Returns how a run without figures ended, and why it has none."""
    if (folder / LOCK_FILE).exists():
        try:
            require_unlocked(folder)
        except InputError:
            return "running", "it is still running"
        return "interrupted", "its process was killed"
    state, why = _trial_record(folder)
    if state == "pruned":
        return "pruned", why or "stopped early, since other trials were better"
    if state == "fail":
        return "failed", why or "the trial failed"
    if any((folder / "checkpoints").glob("resume-*.ckpt")):
        return "interrupted", "it has not finished, and can be resumed"
    return "failed", "it has not finished"


def _trial_record(folder: Path) -> tuple[str, str]:
    """Returns the state of a trial and the reason of a failure, as halo.sweep has recorded them."""
    try:
        file = find_file(folder, TRIAL_RECORD, max_bytes=MAX_TRIAL_BYTES)
        record = json.loads(file.read_bytes()) if file is not None else {}
    except (InputError, OSError, ValueError, RecursionError):
        return "", ""
    if not isinstance(record, Mapping):
        return "", ""
    return str(record.get("state", "")), _short(str(record.get("reason") or ""))


def _short(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"


def _figures(metrics: RunMetrics) -> RunFigures:
    return RunFigures(
        splits={
            split: SplitResult(
                nll=_finite(each.nll),
                perplexity=_finite(each.perplexity),
                perplexity_interval=each.perplexity_interval,
                bits_per_character=_finite(each.bits_per_character),
                documents=each.documents,
                tokens=each.tokens,
                characters=each.characters,
                batch_size=each.batch_size,
            )
            for split, each in metrics.splits.items()
            if split in ("train", "validation", "test")
        },
        vocab_size=metrics.uniform_perplexity,
        num_parameters=metrics.num_parameters,
        minutes=_finite(metrics.minutes),
        tokens_per_second=_finite(metrics.train_tokens_per_second),
        verdict=_short(metrics.verdict),
        early_end=None if metrics.early_end is None else _short(metrics.early_end),
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _curve(metrics: RunMetrics) -> list[CurvePoint]:
    points = metrics.validations[:MAX_POINTS]
    return [
        CurvePoint(
            each.step, each.epochs, _finite(each.train), _finite(each.validation), each.tokens, _finite(each.seconds)
        )
        for each in points
    ]


def _logged_curve(folder: Path) -> list[CurvePoint]:
    """Returns the validations in the csv log of a run that has not finished; none if it has no such log."""
    points: list[CurvePoint] = []
    try:
        file = find_file(folder, "csv/metrics.csv", max_bytes=MAX_CURVE_BYTES)
        if file is None:
            return []
        totals: tuple[str | None, float | None, float | None] = None, None, None  # of the last step that has them
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row.get("tokens_seen"):
                    totals = row.get("step"), _number(row["tokens_seen"]), _number(row.get("seconds"))
                train = _number(row.get("train/perplexity"))
                validation, step = _number(row.get("val/perplexity")), _number(row.get("step"))
                if validation is None or step is None:
                    continue
                tokens, seconds = totals[1:] if totals[0] == row.get("step") else (None, None)
                # The log numbers steps from 0.
                whole_tokens = None if tokens is None else int(tokens)
                points.append(CurvePoint(int(step) + 1, None, train, validation, whole_tokens, seconds))
                if len(points) == MAX_POINTS:
                    break
    except (InputError, OSError, ValueError, csv.Error):  # whatever could be read is shown
        return points
    return points


def _number(text: Any) -> float | None:
    try:
        return _finite(float(text))
    except (TypeError, ValueError):
        return None

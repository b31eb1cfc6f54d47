"""Comparisons of imaginary runs, as `halo.comparing` returns them."""

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from halo.comparing.comparison import (
    ComparedRun,
    Comparison,
    CurvePoint,
    Difference,
    RunFigures,
    RunGroup,
    SplitDifference,
    SplitResult,
    Spread,
    Status,
    Test,
)

VARIED = {"optim.lr": "lr", "model.hidden": "hidden", "model.name": "name"}


def split_result(perplexity: float) -> SplitResult:
    """Returns the figures of a run on one split."""
    return SplitResult(
        nll=math.log(perplexity),
        perplexity=perplexity,
        perplexity_interval=(0.96 * perplexity, 1.04 * perplexity),
        bits_per_character=math.log2(perplexity) / 5,
        documents=15,
        tokens=18_000,
        characters=90_000,
        batch_size=1,
    )


def curve(final: float, *, validations: int = 8, tokens: bool = True) -> list[CurvePoint]:
    """Returns a curve that falls to a perplexity."""
    return [
        CurvePoint(
            step=250 * number,
            epochs=float(number),
            train=1.15 * final * (1 + 4 / number**2),
            validation=final * (1 + 3 * (1 / number**2 - 1 / validations**2)),
            tokens=180_000 * number if tokens else None,
            seconds=14.5 * number if tokens else None,
        )
        for number in range(1, validations + 1)
    ]


def compared_run(
    number: int, perplexity: float | None, settings: Mapping[str, Any], *, folder: Path, **changes: Any
) -> ComparedRun:
    """Returns a run; one without a perplexity has failed."""
    splits = {
        split: split_result(factor * (perplexity or 1))
        for split, factor in {"train": 0.6, "validation": 1, "test": 1.1}.items()
    }
    figures = RunFigures(
        splits=splits,
        vocab_size=9_000,
        num_parameters=4_000_000 + number,
        minutes=3.5,
        tokens_per_second=14_000.0,
        verdict="neither",
        early_end=None,
    )
    status: Status = "failed" if perplexity is None else "finished"
    given: dict[str, Any] = {
        "folder": str(folder / "trials" / f"{number:04}"),
        "name": f"{number:04}",
        "status": status,
        "reason": "the loss became nan at step 40" if perplexity is None else "",
        "trial": number,
        "seed": 1,
        "settings": dict(settings),
        "figures": None if perplexity is None else figures,
        "curve": [] if perplexity is None else curve(perplexity),
        "group": f"group {number}",
        "comparable": None if perplexity is None else 0,
    }
    return ComparedRun(**given | changes)


def comparison_of(runs: Sequence[ComparedRun], varied: Mapping[str, str] = VARIED, **changes: Any) -> Comparison:
    """Returns the comparison of runs, which are given best first, each in a group of its own."""
    finished = [(index, run) for index, run in enumerate(runs) if run.figures is not None]
    groups = [
        RunGroup(
            key=run.group,
            label=", ".join(f"{short}={run.settings[key]}" for key, short in varied.items() if key in run.settings)
            or run.name,
            settings=run.settings,
            runs=[index],
            comparable=run.comparable or 0,
            spread={split: Spread(run.value(split), None) for split in ("validation", "test")},
            num_parameters=4_000_000,
            minutes=3.5,
        )
        for index, run in finished
    ]
    best = finished[0][1] if finished else None
    differences = [
        Difference(run.group, best.group, {split: _difference(run, best, split) for split in ("validation", "test")})
        for _, run in finished[1:]
        if best is not None
    ]
    given: dict[str, Any] = {
        "runs": list(runs),
        "groups": groups,
        "differences": differences,
        "varied": dict(varied),
        "split": "validation",
        "measure": "perplexity",
        "summary": ["lr=0.004 is best: its validation perplexity is 1.8% lower, more than chance."],
        "obstacles": [],
        "notes": ["Order by validation; test is reported beside it."],
    }
    return Comparison(**given | changes)


def _difference(run: ComparedRun, best: ComparedRun, split: str) -> SplitDifference:
    change = (run.value(split) or 1) / (best.value(split) or 1) - 1
    p_value = 0.0005 if change > 0.02 else 0.2
    test = Test(change - 0.015, change + 0.015, p_value, min(1.0, 2 * p_value), 15)
    return SplitDifference(change, test, None)


def sweep(number: int, *, folder: Path, seed: int = 0) -> Comparison:
    """Returns a comparison of many runs with three settings, of which the last two have failed."""
    draws = random.Random(seed)
    found = []
    for index in range(number):
        rate, hidden = 10 ** draws.uniform(-3.5, -1.5), draws.choice([64, 128, 256, 384])
        name = draws.choice(["lstm", "gru", "awd_lstm"])
        perplexity = 78 * math.exp(0.25 * math.log(rate / 0.006) ** 2 * 0.3 + 10 / hidden + draws.gauss(0, 0.01))
        settings = {"optim.lr": rate, "model.hidden": hidden, "model.name": name}
        is_failed = index >= number - 2 > 0
        found.append(compared_run(index, None if is_failed else perplexity, settings, folder=folder))
    return comparison_of(sorted(found, key=lambda run: run.value("validation") or math.inf))

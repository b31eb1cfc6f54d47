"""Studies in a folder, whose trials are small programs instead of runs of halo.train."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from halo.config.commands.sweep import RandomConfig, SamplerConfig
from halo.sweeping.search_space import parse_search_space
from halo.sweeping.storage import open_storage
from halo.sweeping.sweep_folder import SweepFolder
from halo.sweeping.trials import Claim, Trials, open_study
from halo.sweeping.workers.coordinator import Coordinator, Slot
from halo.sweeping.workers.trial_process import Ending

SPACE: dict[str, Any] = {"optim.lr": {"low": 0.001, "high": 0.1, "log": True}, "model.hidden": [8, 16]}
RANDOM = RandomConfig(name="random", seed=1)

MEASURE = """
import json, pathlib, sys, time
run_dir = pathlib.Path(sys.argv[1])
(run_dir / "metrics.json").write_text(json.dumps({"validation_perplexity": 100 + int(run_dir.name), "minutes": 0.1}))
"""
"""A trial that is finished at once."""


def open_trials(
    folder: Path,
    *,
    space: Mapping[str, Any] = SPACE,
    num_trials: int = 3,
    sampler: SamplerConfig = RANDOM,
    objectives: Sequence[str] = ("validation_perplexity",),
    storage: str | None = None,
) -> Trials:
    """Opens the study of a folder, or creates it."""
    sweep_folder = SweepFolder(folder)
    with sweep_folder.lock():
        opened = open_storage(storage, folder)
    study = open_study(opened, "test", sweep_folder, {"study": "test", "objectives": list(objectives)})
    parameters = parse_search_space(space)
    return Trials(study, opened, sweep_folder, parameters=parameters, sampler=sampler, num_trials=num_trials)


def coordinate(
    trials: Trials, program: Callable[[Claim], str] = lambda _: MEASURE, *, workers: int = 1
) -> tuple[Coordinator, list[tuple[int, Ending]]]:
    """Returns a coordinator whose trials run a program in Python, and the list of the trials that have ended."""
    ended: list[tuple[int, Ending]] = []
    coordinator = Coordinator(
        trials,
        command=lambda claim: [sys.executable, "-S", "-E", "-c", program(claim), str(claim.run_dir)],
        variables=lambda _: {},
        objectives=["validation_perplexity"],
        slots=[Slot(f"here/{number}", {}) for number in range(workers)],
        on_end=lambda claim, ending: ended.append((claim.number, ending)),
    )
    return coordinator, ended


def states(trials: Trials) -> list[str]:
    """Returns the state of each trial."""
    return [each.state.name for each in trials.all()]

"""Compares two runs, one of which was stopped and resumed: everything but times has to be the same."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TIMED = {
    *("minutes", "environment", "train_tokens_per_second", "train/tokens_per_second", "3_training/tokens_per_second"),
    *("seconds", "3_training/seconds", "energy"),
}
Figures = dict[str, Any]


def differences(run: Path, other: Path) -> list[str]:
    """Returns the names of the parts in which two run folders differ; weights are compared bit for bit."""
    pairs = {
        "bundle": (weights(run), weights(other)),
        "metrics.json": (metrics(run), metrics(other)),
        "metrics.csv": (rows(run), rows(other)),
        "TensorBoard": (scalars(run), scalars(other)),
        "best.ckpt": (best(run), best(other)),
    }
    return [name for name, (one, two) in pairs.items() if not same(one, two)]


def same(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two or (isinstance(one, float) and math.isnan(one) and math.isnan(two)))


def weights(run: Path) -> Figures:
    return dict(load_file(run / "bundle" / "model.safetensors"))


def best(run: Path) -> Figures:
    saved = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    return {"step": saved["global_step"], "weights": saved["state_dict"], "optimizer": saved["optimizer_states"]}


def metrics(run: Path) -> Figures:
    figures = json.loads((run / "metrics.json").read_text())
    figures["validations"] = [{key: each[key] for key in each.keys() - TIMED} for each in figures["validations"]]
    return {key: value for key, value in figures.items() if key not in TIMED}


def rows(run: Path) -> list[Figures]:
    """Returns the rows of the CSV curve, in order, without the columns that depend on time."""
    with (run / "csv" / "metrics.csv").open(newline="") as file:
        found = [{key: cell for key, cell in row.items() if cell and key not in TIMED} for row in csv.DictReader(file)]
    return [row for row in found if row.keys() - {"step", "epoch"}]


def scalars(run: Path) -> Figures:
    """Returns the steps and values of the TensorBoard curves, as a viewer shows them."""
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    tags = [tag for tag in events.Tags()["scalars"] if tag not in TIMED]
    return {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in tags}

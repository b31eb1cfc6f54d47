"""What two runs have to share when one of them was stopped and went on: everything that no clock is in."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

CLOCKED = {"minutes", "train_tokens_per_second", "train/tokens_per_second"}
Figures = dict[str, Any]


def differences(run: Path, other: Path) -> list[str]:
    """Returns in words what differs between two run folders; of weights, every bit counts."""
    pairs = {
        "bundle": (weights(run), weights(other)),
        "metrics.json": (metrics(run), metrics(other)),
        "metrics.csv": (rows(run), rows(other)),
        "TensorBoard": (scalars(run), scalars(other)),
        "best.ckpt": (best(run), best(other)),
    }
    return [name for name, (one, two) in pairs.items() if not alike(one, two)]


def alike(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(alike(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(alike, one, two))
    return bool(one == two or (isinstance(one, float) and math.isnan(one) and math.isnan(two)))


def weights(run: Path) -> Figures:
    return dict(load_file(run / "bundle" / "model.safetensors"))


def best(run: Path) -> Figures:
    saved = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    return {"step": saved["global_step"], "weights": saved["state_dict"], "optimizer": saved["optimizer_states"]}


def metrics(run: Path) -> Figures:
    figures = json.loads((run / "metrics.json").read_text())
    return {key: value for key, value in figures.items() if key not in CLOCKED}


def rows(run: Path) -> list[Figures]:
    """The rows of the CSV curve, in order, less the columns that a clock is in."""
    with (run / "csv" / "metrics.csv").open(newline="") as file:
        found = [
            {key: cell for key, cell in row.items() if cell and key not in CLOCKED} for row in csv.DictReader(file)
        ]
    return [row for row in found if row.keys() - {"step", "epoch"}]


def scalars(run: Path) -> Figures:
    """The curves of TensorBoard: steps and values, as a viewer shows them."""
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    tags = [tag for tag in events.Tags()["scalars"] if tag not in CLOCKED]
    return {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in tags}

"""The probabilities of several models for the same labelled documents, and their file.

Shape letters: N documents, C classes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from halo.runtime.atomic_files import atomic_write_bytes
from halo.runtime.errors import InputError, reason

FILE_NAME = "predictions.npz"
_LABELS, _TARGETS, _NAMES, _PROBABILITIES = "labels", "targets", "documents", "probabilities"


@dataclass(frozen=True)
class Predictions:
    """The probabilities of models for the labelled documents of a split.

    Attributes:
        labels: The classes, in the order of the columns.
        targets_N: The class of each document, as an index of `labels`.
        probabilities: For each model the probabilities, shape (N, C), whose rows sum to 1.
        documents: What tells the documents apart, such as their number within the split; shape (N,).
    """

    labels: tuple[str, ...]
    targets_N: npt.NDArray[np.int64]
    probabilities: Mapping[str, npt.NDArray[np.float64]]
    documents: npt.NDArray[Any]


def save_predictions(file: Path, splits: Mapping[str, Predictions]) -> None:
    """Writes predictions.npz: arrays of numbers and text, never pickled objects.

    The names of its arrays are `labels`, `SPLIT/targets`, `SPLIT/documents` and `SPLIT/probabilities/MODEL`.

    Args:
        file: The file.
        splits: The predictions of each split; all with the same labels.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for split, each in splits.items():
        arrays[_LABELS] = np.array(each.labels)
        arrays[f"{split}/{_TARGETS}"] = each.targets_N
        arrays[f"{split}/{_NAMES}"] = each.documents
        arrays |= {f"{split}/{_PROBABILITIES}/{model}": array for model, array in each.probabilities.items()}
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    atomic_write_bytes(file, content.getvalue())


def load_predictions(file: Path) -> dict[str, Predictions]:
    """Returns the predictions of each split.

    Raises:
        InputError: The file is missing or damaged.
    """
    try:
        with np.load(file, allow_pickle=False) as found:
            arrays = dict(found)
        labels = tuple(map(str, arrays.pop(_LABELS)))
        splits = {name.partition("/")[0] for name in arrays}
        return {split: _predictions(split, arrays, labels) for split in sorted(splits)}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise InputError(f"{file}: no predictions of halo.classify ({reason(error)}); run it again") from error


def _predictions(split: str, arrays: Mapping[str, npt.NDArray[Any]], labels: tuple[str, ...]) -> Predictions:
    beginning = f"{split}/{_PROBABILITIES}/"
    probabilities = {name.removeprefix(beginning): each for name, each in arrays.items() if name.startswith(beginning)}
    return Predictions(labels, arrays[f"{split}/{_TARGETS}"], probabilities, arrays[f"{split}/{_NAMES}"])
